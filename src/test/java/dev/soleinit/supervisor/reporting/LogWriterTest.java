package dev.soleinit.supervisor.reporting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LogWriterTest {
    /** A reader that takes nothing until it is let go. */
    private static final class Stalled extends OutputStream {
        final CountDownLatch goesOn = new CountDownLatch(1);
        final List<String> lines = new CopyOnWriteArrayList<>();

        @Override
        public void write(int one) {
            throw new UnsupportedOperationException("whole lines only");
        }

        @Override
        public void write(byte[] line, int from, int length) {
            try {
                goesOn.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException stop) {
                throw new IllegalStateException(stop);
            }
            lines.add(new String(line, from, length).strip());
        }
    }

    @Test
    void whoLogsNeverWaitsForWhoReadsAndWhatIsDroppedIsCounted() throws Exception {
        Stalled reader = new Stalled();
        OutputStream log = LogWriter.start(reader);
        byte[] line = ("x".repeat(1023) + "\n").getBytes();
        Thread logger = Thread.ofPlatform().start(() -> {
            try {
                for (int i = 0; i < 1_000; i++) {
                    log.write(line, 0, line.length);
                }
                log.flush();
            } catch (IOException never) {
                throw new IllegalStateException(never);
            }
        });
        logger.join(10_000);
        assertTrue(!logger.isAlive(), "it waits for the reader");
        reader.goesOn.countDown();
        for (int i = 0; i < 1_000 && reader.lines.stream().noneMatch(one -> one.contains("dropped")); i++) {
            Thread.sleep(10);
        }
        String last = reader.lines.getLast();
        int written = reader.lines.size() - 1;
        assertTrue(written >= 256 && written <= 257, written + " lines");
        assertEquals((1_000 - written) + " log lines were dropped, since nobody read standard error", last);
    }

    @Test
    void flushReturnsOnceEverythingIsWritten() throws Exception {
        Stalled reader = new Stalled();
        reader.goesOn.countDown();
        OutputStream log = LogWriter.start(reader);
        for (int i = 0; i < 100; i++) {
            log.write(("line " + i + "\n").getBytes());
        }
        log.flush();
        assertEquals(100, reader.lines.size());
        assertEquals("line 99", reader.lines.getLast());
    }

    @Test
    void withoutAThreadLinesAreWrittenAtOnceUntilThereIsOne() throws Exception {
        Stalled reader = new Stalled();
        reader.goesOn.countDown();
        boolean[] none = {true};
        OutputStream log = LogWriter.start(reader, task -> new Thread(task) {
            @Override
            public void start() {
                if (none[0]) {
                    throw new OutOfMemoryError("unable to create native thread");
                }
                setDaemon(true);
                super.start();
            }
        });
        log.write("first\n".getBytes());
        assertEquals(List.of("first"), reader.lines);
        none[0] = false;
        log.write("second\n".getBytes());
        log.flush();
        assertEquals(List.of("first", "second"), reader.lines);
    }
}
