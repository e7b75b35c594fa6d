package dev.soleinit.supervisor.reporting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class StderrLogTest {
    @Test
    void theTimeAlwaysHasMilliseconds() {
        assertEquals("2026-01-02T03:04:05.000Z", StderrLog.time(Instant.parse("2026-01-02T03:04:05Z")));
        assertEquals("2026-01-02T03:04:05.120Z",
                StderrLog.time(Instant.parse("2026-01-02T03:04:05.120999Z")));
    }

    @Test
    void aLineBeginsWithItAndATraceDoesNot() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PrintStream log = new StderrLog(new PrintStream(bytes))) {
            log.println("ERROR soleinit - gone");
            new IllegalStateException("because").printStackTrace(log);
        }
        String[] lines = bytes.toString(StandardCharsets.UTF_8).split("\n");
        assertTrue(lines[0].matches("[0-9T:.-]{23}Z ERROR soleinit - gone"), lines[0]);
        assertEquals("java.lang.IllegalStateException: because", lines[1]);
    }

    @Test
    void aLineIsOneWriteAndStaysOneLine() {
        List<String> writes = new ArrayList<>();
        try (PrintStream log = new StderrLog(new OutputStream() {
            @Override
            public void write(int one) {
                writes.add(String.valueOf((char) one));
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                writes.add(new String(bytes, offset, length, StandardCharsets.UTF_8));
            }
        })) {
            log.println("WARN soleinit - the check said: \u001b[2J\n2026 ERROR forged" + "x".repeat(9_000));
            new IllegalStateException("two\nlines").printStackTrace(log);
        }
        assertTrue(writes.getFirst().endsWith(
                "Z WARN soleinit - the check said: \\u001b[2J\\n2026 ERROR forged" + "x".repeat(9_000) + "\n"),
                writes.getFirst());
        assertEquals("java.lang.IllegalStateException: two\\nlines\n", writes.get(1));
        writes.forEach(each -> assertTrue(each.indexOf('\n') == each.length() - 1, each));
    }

    @Test
    @Timeout(5)
    void aLoggerThatFlushesWaitsForNobody() {
        CountDownLatch over = new CountDownLatch(1);
        PrintStream log = new StderrLog(LogWriter.start(new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                try {
                    over.await();
                } catch (InterruptedException ended) {
                    throw new IOException(ended);
                }
            }
        }));
        for (int i = 0; i < 1_000; i++) {
            log.println("INFO soleinit - a line");
            log.flush();
        }
        long begun = System.nanoTime();
        log.close();
        assertTrue(System.nanoTime() - begun > 100_000_000, "the end waits for a moment");
        over.countDown();
    }
}
