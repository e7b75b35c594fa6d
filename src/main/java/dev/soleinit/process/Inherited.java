package dev.soleinit.process;

import dev.soleinit.process.text.Bytes;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What this process was started with, byte for byte ({@link Bytes}): the JVM's own view decodes it by
 * the locale, and loses bytes. The launcher gives variables that the JVM would obey a prefix, and takes
 * others for itself; here they are as they were. Stateless. Sources: proc(5), docker/entrypoint/launch.c.
 */
public final class Inherited {
    private static final String HIDDEN = "SOLEINIT_HIDDEN_";
    /** What the launcher sets for the JVM; what was there of these names is hidden. */
    private static final List<String> LAUNCHERS = List.of("_JAVA_SR_SIGNUM=", "LC_CTYPE=",
            "LOCPATH=");

    private Inherited() {}

    /** The last {@code count} arguments of the command line: those that main got. */
    public static List<String> arguments(int count) {
        List<String> all = strings("/proc/self/cmdline");
        return all.subList(Math.max(0, all.size() - count), all.size());
    }

    /** The entries of the environment in their order, most but not all with a name and a value. */
    public static List<String> entries() {
        List<String> entries = new ArrayList<>();
        boolean launched = System.getProperty("soleinit.umask") != null;
        for (String entry : strings("/proc/self/environ")) {
            if (entry.startsWith(HIDDEN)) {
                entries.add(entry.substring(HIDDEN.length()));
            } else if (!launched || !isLaunchers(entry)) {
                entries.add(entry);
            }
        }
        return entries;
    }

    private static boolean isLaunchers(String entry) {
        for (String name : LAUNCHERS) {
            if (entry.startsWith(name)) {
                return true;
            }
        }
        return false;
    }

    /** The environment by name; of one that is there twice the first counts, as for getenv(3). */
    public static Map<String, String> environment() {
        Map<String, String> byName = new LinkedHashMap<>();
        for (String entry : entries()) {
            int equals = entry.indexOf('=', 1);
            if (equals > 0) {
                byName.putIfAbsent(entry.substring(0, equals), entry.substring(equals + 1));
            }
        }
        return Collections.unmodifiableMap(byName);
    }

    /** The file mode mask before the launcher set its own, 0 to 0777. */
    public static OptionalInt umask() {
        return number("soleinit.umask", 8);
    }

    /** The soft limit of descriptors before the launcher raised it, if it did. */
    public static OptionalInt descriptorLimit() {
        return number("soleinit.nofile", 10);
    }

    /** The score for the kernel's choice of a victim before the launcher changed it, if it did. */
    public static OptionalInt oomScoreAdjustment() {
        return number("soleinit.oom", 10);
    }

    /**
     * Signals as bits, n as bit n - 1.
     *
     * @param blocked are blocked
     * @param ignored are ignored
     */
    public record Signals(long blocked, long ignored) {
        public static final Signals NONE = new Signals(0, 0);
    }

    /** What the launcher found blocked and ignored, where that is to be handed on. */
    public static Signals signals() {
        return new Signals(set("soleinit.blocked"), set("soleinit.ignored"));
    }

    private static long set(String property) {
        String value = System.getProperty(property);
        return value == null ? 0 : Long.parseUnsignedLong(value, 16);
    }

    private static OptionalInt number(String property, int radix) {
        String value = System.getProperty(property);
        return value == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(value, radix));
    }

    private static List<String> strings(String file) {
        List<String> strings = new ArrayList<>();
        try (FileInputStream in = new FileInputStream(file)) {
            byte[] bytes = in.readAllBytes();
            int begin = 0;
            for (int i = 0; i < bytes.length; i++) {
                if (bytes[i] == 0) {
                    byte[] one = new byte[i - begin];
                    System.arraycopy(bytes, begin, one, 0, one.length);
                    strings.add(Bytes.decode(one));
                    begin = i + 1;
                }
            }
        } catch (IOException noProc) {
            throw new IllegalStateException("Cannot read " + file + ": " + noProc.getMessage()
                    + "; is /proc mounted?", noProc);
        }
        return strings;
    }
}
