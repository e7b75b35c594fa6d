package dev.soleinit.supervisor;

import dev.soleinit.supervisor.reporting.LogWriter;
import dev.soleinit.supervisor.reporting.StderrLog;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Standard error as PID 1 has it, while nobody reads: who waits for it waits until the class is over. */
final class StalledLog implements BeforeAllCallback, AfterAllCallback {
    private final PrintStream usual = System.err;
    private final CountDownLatch over = new CountDownLatch(1);

    @Override
    public void beforeAll(ExtensionContext context) {
        System.setErr(new StderrLog(LogWriter.start(new OutputStream() {
            @Override
            public void write(int one) {
                try {
                    over.await();
                } catch (InterruptedException ended) {
                    Thread.currentThread().interrupt();
                }
            }
        })));
    }

    @Override
    public void afterAll(ExtensionContext context) {
        over.countDown();
        System.setErr(usual);
    }
}
