package dev.soleinit.config.loading;

import dev.soleinit.process.ListenAddress;
import dev.soleinit.process.ListenAddress.Place;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Reads {@code --listen}: {@code tcp:HOST:PORT}, {@code tcp6:[HOST]:PORT} or {@code unix:PATH}, then
 * options, separated by spaces: {@code name=N}, {@code backlog=N}, for files {@code mode=OCTAL} and
 * {@code owner=USER[:GROUP]}. Throws IllegalArgumentException with what to give instead.
 */
public final class ListenParser {
    /** As many as have descriptors set apart for them. */
    private static final int MAX_SOCKETS = 64;
    /** What kernels allow at the most unless they are told otherwise (net.core.somaxconn). */
    private static final int BACKLOG = 4096;
    private static final int MAX_NAME = 255;
    private static final String FORMS = "give tcp:HOST:PORT, tcp6:[HOST]:PORT or unix:/PATH, such as "
            + "'tcp:0.0.0.0:8080 name=http' or 'unix:/run/app.sock mode=0660 owner=www-data'";

    private final String word;
    private final Map<String, String> options = new LinkedHashMap<>();

    private ListenParser(String text) {
        String[] words = text.strip().split("\\s+");
        this.word = words[0];
        for (int i = 1; i < words.length; i++) {
            String[] sides = words[i].split("=", 2);
            if (sides.length < 2 || options.put(sides[0], sides[1]) != null) {
                throw new IllegalArgumentException("'" + words[i] + "' is not understood, or given "
                        + "twice; " + FORMS);
            }
        }
    }

    public static ListenAddress read(String text) {
        return new ListenParser(text).read();
    }

    /** One that is served by the supervisor itself, without options. */
    public static ListenAddress readPlain(String text) {
        if (text.strip().contains(" ")) {
            throw new IllegalArgumentException("there are no options here; give an address alone, such "
                    + "as tcp:127.0.0.1:9900 or unix:/run/daemon/http.sock");
        }
        return read(text);
    }

    /** What cannot be wanted together. */
    public static void check(List<ListenAddress> all) {
        if (all.size() > MAX_SOCKETS) {
            throw new IllegalArgumentException("there are " + all.size() + " of them; give at the most "
                    + MAX_SOCKETS);
        }
        Set<String> seen = new HashSet<>();
        for (ListenAddress one : all) {
            if (!seen.add(one.name())) {
                throw new IllegalArgumentException("two are named '" + one.name()
                        + "'; give each its own with name=");
            }
        }
    }

    private ListenAddress read() {
        int colon = word.indexOf(':');
        String rest = word.substring(colon + 1);
        Place place = switch (word.substring(0, Math.max(0, colon))) {
            case "tcp" -> port(rest, "0.0.0.0");
            case "tcp6" -> port(rest, "[::]");
            case "unix" -> file(rest);
            default -> throw new IllegalArgumentException(FORMS);
        };
        ListenAddress read = new ListenAddress(word, name(place), backlog(), place);
        if (!options.isEmpty()) {
            throw new IllegalArgumentException("'" + options.keySet().iterator().next()
                    + "=' is not known here; known are name=, backlog= and, for unix:, mode= and owner=");
        }
        return read;
    }

    private Place port(String rest, String anywhere) {
        int colon = rest.lastIndexOf(':');
        String host = colon < 0 ? anywhere : rest.substring(0, colon);
        String port = rest.substring(colon + 1);
        if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
            throw new IllegalArgumentException("a port is 0 to 65535, 0 for any; " + FORMS);
        }
        return new Place.Port(address(host), Integer.parseInt(port));
    }

    /** A number, so that nothing has to be asked for before the daemon can start. */
    private InetAddress address(String host) {
        boolean six = word.startsWith("tcp6:");
        try {
            if (six && host.startsWith("[") && host.endsWith("]")) {
                return Inet6Address.ofLiteral(host.substring(1, host.length() - 1));
            }
            if (!six && host.matches("[0-9]+(\\.[0-9]+){3}")) {
                return Inet4Address.ofLiteral(host);
            }
        } catch (IllegalArgumentException malformed) {
            // worded below
        }
        throw new IllegalArgumentException("'" + host + "' is no " + (six ? "IPv6 address in brackets "
                + "such as [::]" : "IPv4 address in numbers such as 127.0.0.1") + "; " + FORMS);
    }

    private Place file(String rest) {
        String mode = Optional.ofNullable(options.remove("mode")).orElse("0666");
        if (!mode.matches("0?[0-7]{3}")) {
            throw new IllegalArgumentException("mode=" + mode + ": give an octal mode such as 0660");
        }
        try {
            Path path = Path.of(rest).normalize();
            if (path.isAbsolute() && path.getFileName() != null) {
                return new Place.File(path, Integer.parseInt(mode, 8),
                        Optional.ofNullable(options.remove("owner")));
            }
        } catch (InvalidPathException malformed) {
            // worded below
        }
        throw new IllegalArgumentException("give a path that begins with a slash; " + FORMS);
    }

    private int backlog() {
        String given = Optional.ofNullable(options.remove("backlog")).orElse("" + BACKLOG);
        if (!given.matches("[1-9][0-9]{0,5}")) {
            throw new IllegalArgumentException("backlog=" + given + ": give 1 to 999999");
        }
        return Integer.parseInt(given);
    }

    private String name(Place place) {
        String name = Optional.ofNullable(options.remove("name")).orElseGet(() -> switch (place) {
            case Place.Port(var _, int port) -> word.substring(0, word.indexOf(':')) + "-" + port;
            case Place.File file -> file.path().getFileName().toString().replace(':', '-');
        });
        boolean usable = !name.isEmpty() && name.length() <= MAX_NAME
                && name.chars().allMatch(one -> one > ' ' && one < 127 && one != ':');
        if (!usable) {
            throw new IllegalArgumentException("name=" + name + ": give 1 to " + MAX_NAME
                    + " visible characters without a colon");
        }
        return name;
    }

    /** The ports among them: connecting to one says nothing of a daemon. */
    static Stream<Integer> ports(List<ListenAddress> all) {
        return all.stream().map(ListenAddress::place).mapMulti((place, next) -> {
            if (place instanceof Place.Port(var _, int port)) {
                next.accept(port);
            }
        });
    }
}
