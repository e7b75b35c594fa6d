package dev.soleinit.supervisor.reporting;

import dev.soleinit.process.text.PlainText;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.slf4j.LoggerFactory;

/**
 * Standard error as PID 1's log: each line that a logger writes begins with the time, is one line
 * whatever it quotes, and goes out in one write, so that what the daemon writes there does not land
 * in its middle; who logs does not wait for who reads ({@link LogWriter}). slf4j-simple would add the
 * time, too, but through time zones and locales, and would look for its provider and its settings in
 * every jar: a third of a start. For any thread; made once, before the first logger.
 */
public final class StderrLog extends PrintStream {
    private static final String SIMPLE = "org.slf4j.simpleLogger.";
    private static final int WHOLE_SECONDS = "2026-01-01T00:00:00Z".length();

    private final OutputStream unbuffered;

    public StderrLog(OutputStream unbuffered) {
        super(unbuffered);
        this.unbuffered = unbuffered;
    }

    /** Makes the loggers of this process write here, from {@code level} on. */
    public static void begin(String level) {
        System.setProperty("slf4j.provider", "org.slf4j.simple.SimpleServiceProvider");
        System.setProperty("slf4j.internal.verbosity", "WARN");
        System.setProperty(SIMPLE + "defaultLogLevel", level);
        System.setProperty(SIMPLE + "showThreadName", "false");
        System.setErr(new StderrLog(LogWriter.start(new FileOutputStream(FileDescriptor.err))));
        // slf4j-simple asks this one for a file of settings, which is said above already
        ClassLoader usual = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(new NoResources());
        LoggerFactory.getLogger("soleinit");
        Thread.currentThread().setContextClassLoader(usual);
    }

    /** To look for a file among the JVM's own modules takes two milliseconds the first time. */
    private static final class NoResources extends ClassLoader {
        @Override
        public InputStream getResourceAsStream(String name) {
            return null;
        }
    }

    /** A line of a logger's. */
    @Override
    public void println(String line) {
        write(bytes(time(Instant.now()) + " " + PlainText.line(line)));
    }

    /** A line of a stack trace. */
    @Override
    public void println(Object line) {
        write(bytes(PlainText.line(String.valueOf(line))));
    }

    private static byte[] bytes(String line) {
        return (line + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Sends a whole line on its way. */
    @Override
    public void write(byte[] line) {
        try {
            unbuffered.write(line);
        } catch (IOException nobodyReads) {
            setError();
        }
    }

    /** Loggers flush after each line, and must not wait for whoever reads; see {@link #close}. */
    @Override
    public void flush() {
        // a line is on its way as soon as it is written
    }

    /** Waits for a moment until what was written has been read: the last thing that PID 1 does. */
    @Override
    public void close() {
        try {
            unbuffered.flush();
        } catch (IOException nobodyReads) {
            setError();
        }
    }

    /** In UTC as in RFC 3339, always with milliseconds, so that lines sort as text. */
    static String time(Instant instant) {
        String text = instant.truncatedTo(ChronoUnit.MILLIS).toString();
        return text.length() > WHOLE_SECONDS ? text : text.replace("Z", ".000Z");
    }
}
