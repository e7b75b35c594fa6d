package dev.soleinit.supervisor;

import dev.soleinit.os.DescriptorStore;
import dev.soleinit.os.Kernel;
import dev.soleinit.process.ListenAddress;
import dev.soleinit.process.Signal;
import dev.soleinit.process.SpawnError;
import dev.soleinit.supervisor.children.FakeOutputs;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** What of a {@link FakeKernel} is always the same: no sockets, no users, no terminal. */
abstract class FakeSurroundings implements Kernel {
    /** Told of what happens; throws nothing. */
    interface Observer {
        default void turnEnds() {}

        /** Whether there is nothing more to be found out. */
        default boolean isOver() {
            return false;
        }

        default void spawned(FakeProcess process) {}

        default void executed(FakeProcess process) {}

        default void reaped(FakeProcess process) {}

        default void taken(Signal signal) {}

        default void received(Datagram datagram) {}

        /** The output of a command that was reaped is still open. */
        default void leaked(int pid) {}

        /** A signal of the supervisor's; {@code target} is null where there is no such process any more. */
        default void sent(int pid, FakeProcess target, Signal signal) {}
    }

    /** Decides what becomes of what is started. */
    interface Programs {
        /** Why the kernel makes no process, if it does not. */
        Optional<SpawnError> refusal(SpawnRequest request);

        void started(FakeProcess process);

        /** A signal that can be caught has come; a program that is executed decides what it does. */
        void signalled(FakeProcess process, Signal signal);
    }

    /** What commands print. */
    final FakeOutputs outputs = new FakeOutputs();

    @Override
    public void prepare(SpawnRequest request) {
        // there is no memory of C's to lay it out in
    }

    @Override
    public int readOutput(int pid, byte[] bytes) {
        return outputs.read(pid, bytes);
    }

    @Override
    public void closeOutput(int pid) {
        outputs.close(pid);
    }

    @Override
    public OptionalInt onlyChildOfShell(int pid) {
        return OptionalInt.of(0);
    }

    @Override
    public Optional<String> invocationId(int pid) {
        return Optional.empty();
    }

    @Override
    public OptionalLong outOfMemoryKills() {
        return OptionalLong.empty();
    }

    @Override
    public String bootId() {
        return "boot";
    }

    @Override
    public void close(List<Integer> descriptors) {}

    @Override
    public void openNotifySockets(Path known, Path told) {}

    @Override
    public void listen(List<ListenAddress> wanted, Optional<Identity> owner) {}

    @Override
    public void openDescriptorStore(int max) {}

    @Override
    public DescriptorStore descriptorStore() {
        return DescriptorStore.CLOSED;
    }

    @Override
    public List<String> listeningOn() {
        return List.of();
    }

    @Override
    public List<String> reopenShutDownSockets() {
        return List.of();
    }

    @Override
    public void stopListening() {}

    @Override
    public void becomeSubreaper() {
        throw new UnsupportedOperationException("PID 1 is no subreaper");
    }

    @Override
    public boolean signalsAreBlocked() {
        return true;
    }

    @Override
    public boolean hasTerminal() {
        return false;
    }

    @Override
    public void makeDirectory(DirectoryRequest wanted) {
        throw new UnsupportedOperationException(wanted.toString());
    }

    @Override
    public Identity lookup(String userAndGroup) {
        throw new UnsupportedOperationException(userAndGroup);
    }

    @Override
    public Map<String, Optional<String>> userVariables(String userAndGroup) {
        throw new UnsupportedOperationException(userAndGroup);
    }

    @Override
    public void rememberMarker(Path file) {}

    @Override
    public void removeMarker() {}

    @Override
    public boolean mayHaveOrphans() {
        return hasChildren();
    }
}
