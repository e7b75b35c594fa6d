package dev.soleinit.os.net;

import dev.soleinit.os.DescriptorStore;
import dev.soleinit.os.Kernel.Identity;
import dev.soleinit.os.Kernel.Passed;
import dev.soleinit.os.ListenException;
import dev.soleinit.os.ffi.LibC;
import dev.soleinit.os.ffi.NativeMemory;
import dev.soleinit.process.ListenAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What each generation gets as its descriptors 3 and on: the listening sockets, and behind them what an
 * earlier generation has stored. Used on the loop's thread.
 */
public final class PassedDescriptors {
    /** More than there can be of listening sockets. */
    public static final int USUAL_LOWEST = 100;

    private final NativeMemory memory;
    private final LibC libc;
    private Optional<ListenSockets> sockets = Optional.empty();
    private Optional<KeptDescriptors> store = Optional.empty();
    private int lowest = USUAL_LOWEST;

    public PassedDescriptors(NativeMemory memory) {
        this.memory = memory;
        this.libc = memory.libc;
    }

    /** The least number of a descriptor that a child may get a copy of: above what it becomes there. */
    public int lowest() {
        return lowest;
    }

    /** Opens these. */
    public void listen(List<ListenAddress> wanted, Optional<Identity> owner) {
        if (wanted.isEmpty()) {
            return;
        }
        ListenSockets opened = new ListenSockets(memory, owner, lowest);
        sockets = Optional.of(opened);
        wanted.forEach(opened::open);
    }

    /** Stores up to {@code max} from now on; what it returns is readable when one is to be dropped. */
    public int openStore(int max) {
        lowest = USUAL_LOWEST + max;
        // the kernel refuses a number that the limit does not allow
        int highest = libc.duplicateFrom(lowest + max + USUAL_LOWEST, 1);
        if (highest < 0) {
            throw new ListenException("Cannot keep " + max + " descriptors: so many cannot be open; "
                    + "raise the limit (docker run --ulimit nofile="
                    + (lowest + max + 2 * USUAL_LOWEST) + ") or lower --fd-store-max", false);
        }
        libc.close(highest);
        KeptDescriptors opened = new KeptDescriptors(memory, max, lowest);
        store = Optional.of(opened);
        return opened.watch();
    }

    public DescriptorStore store() {
        return store.isPresent() ? store.get() : DescriptorStore.CLOSED;
    }

    public void dropHungUp() {
        store.ifPresent(KeptDescriptors::dropHungUp);
    }

    /** In the order in which they are passed on. */
    public List<Integer> inheritable(Passed how) {
        if (how == Passed.NOTHING) {
            return List.of();
        }
        if (how == Passed.ALONE) {
            sockets.ifPresent(ListenSockets::makeBlocking);
        }
        List<Integer> listening = sockets.map(ListenSockets::inheritableFds).orElse(List.of());
        if (store.isEmpty()) {
            return listening;
        }
        List<Integer> all = new ArrayList<>(listening);
        all.addAll(store.get().descriptors());
        return all;
    }

    public List<String> listeningOn() {
        return sockets.map(ListenSockets::addresses).orElse(List.of());
    }

    public List<String> repair() {
        return sockets.map(ListenSockets::repair).orElse(List.of());
    }

    /** Removes socket files; descriptors end with the process. */
    public void close() {
        sockets.ifPresent(ListenSockets::close);
    }
}
