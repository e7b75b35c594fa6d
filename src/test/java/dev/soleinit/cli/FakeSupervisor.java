package dev.soleinit.cli;

import dev.soleinit.control.IncomingRequest;
import dev.soleinit.control.server.ControlServer;
import dev.soleinit.storage.ProcessLock;
import dev.soleinit.storage.SupervisorMarker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Answers on a real control socket as the test says; holds the lock as a supervisor does. */
final class FakeSupervisor implements AutoCloseable {
    private final List<IncomingRequest> calls = new CopyOnWriteArrayList<>();
    private final ControlServer server;
    private final ProcessLock lock;

    FakeSupervisor(Path runDir, Consumer<IncomingRequest> answer) throws IOException {
        SupervisorMarker.prepare(runDir);
        lock = ProcessLock.acquire(runDir.resolve("supervisor.lock")).orElseThrow();
        server = new ControlServer(runDir.resolve("control.sock"), call -> {
            calls.add(call);
            answer.accept(call);
            return true;
        }, () -> { });
        server.start();
    }

    /** What has been asked so far. */
    List<IncomingRequest> calls() {
        return calls;
    }

    @Override
    public void close() throws IOException {
        server.close();
        lock.close();
    }
}
