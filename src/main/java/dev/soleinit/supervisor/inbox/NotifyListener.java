package dev.soleinit.supervisor.inbox;

import dev.soleinit.control.NotifyMessage;
import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.Datagram;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.settings.ReadySettings.Source;
import dev.soleinit.supervisor.children.LiveDaemon;
import dev.soleinit.supervisor.children.LiveDaemons;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears the daemon on the socket of sd_notify. Senders may be gone in a moment, so all of those that
 * wait are looked at before the first message is decided on. What came along with a message, a barrier's
 * descriptor above all, is closed when the message has been decided on. Used on the loop's thread.
 */
public final class NotifyListener {
    private static final Logger LOG = LoggerFactory.getLogger(NotifyListener.class);
    private static final int MAX_PER_TURN = 64;

    /** A datagram, and which daemon its sender was found to be when it was read. */
    private record Received(Datagram datagram, Optional<LiveDaemon> speaker) {}

    private final Kernel os;
    private final LiveDaemons daemons;
    private final long epoch;
    private boolean storeRefuses;

    /** @param epoch the kernel's time at which the supervisor's clock was 0 */
    public NotifyListener(Kernel os, LiveDaemons daemons, long epoch) {
        this.os = os;
        this.daemons = daemons;
        this.epoch = epoch;
    }

    /** Hands on what has been said, for one turn; what is left over wakes the loop again. */
    public void drain(LongSupplier clock, Consumer<Event> decide) {
        int taken = 0;
        List<Received> batch = receive(MAX_PER_TURN);
        while (!batch.isEmpty()) {
            taken += batch.size();
            for (Received received : batch) {
                try {
                    handle(received, clock, decide);
                } finally {
                    os.close(received.datagram().descriptors());
                }
            }
            boolean more = !batch.getLast().datagram().descriptors().isEmpty();
            batch = more ? receive(MAX_PER_TURN - taken) : List.of();
        }
    }

    /**
     * At most {@code most}, and none behind one with descriptors: of these never more than one datagram's
     * are open, however many datagrams wait.
     */
    private List<Received> receive(int most) {
        List<Received> batch = List.of();
        while (batch.size() < most) {
            Optional<Datagram> next = os.receive();
            if (next.isEmpty()) {
                return batch;
            }
            batch = batch.isEmpty() ? new ArrayList<>() : batch;
            batch.add(new Received(next.get(), daemons.speaker(next.get())));
            if (!next.get().descriptors().isEmpty()) {
                return batch;
            }
        }
        return batch;
    }

    /** One that was unknown may have been made known by a message before it (MAINPID). */
    private void handle(Received received, LongSupplier clock, Consumer<Event> decide) {
        Datagram datagram = received.datagram();
        Optional<LiveDaemon> speaker = received.speaker().or(() -> daemons.speaker(datagram));
        if (speaker.isEmpty() || !speaker.get().isAlive()) {
            return;
        }
        for (NotifyMessage message : NotifyMessage.parse(datagram.text())) {
            event(message, datagram, speaker.get(), clock.getAsLong()).ifPresent(decide);
        }
    }

    private Optional<Event> event(NotifyMessage message, Datagram datagram, LiveDaemon speaker,
            long now) {
        long generation = speaker.generation();
        return switch (message) {
            case NotifyMessage.Ready _ -> Optional.of(new Event.DaemonReady(generation, Source.NOTIFY));
            case NotifyMessage.Stopping _ -> Optional.of(new Event.DaemonStopping(generation));
            case NotifyMessage.Reloading(var at) -> Optional.of(new Event.DaemonReloading(generation,
                    at.isPresent() ? at.getAsLong() * 1_000 - epoch : now));
            case NotifyMessage.Main(int pid) -> daemons.onMainPid(speaker, datagram, pid, now);
            case NotifyMessage.Watchdog _ -> Optional.of(new Event.WatchdogPing(generation));
            case NotifyMessage.Trigger _ ->
                    Optional.of(new Event.DaemonHung(generation, "it said WATCHDOG=trigger"));
            case NotifyMessage.WatchdogInterval(var interval) ->
                    Optional.of(new Event.WatchdogChanged(generation, interval));
            case NotifyMessage.Extend(var by) -> Optional.of(new Event.TimeoutExtended(generation, by));
            case NotifyMessage.StoreDescriptors(String name, boolean untilHangUp) -> {
                store(datagram, name, untilHangUp);
                yield Optional.empty();
            }
            case NotifyMessage.RemoveDescriptors(String name) -> {
                os.descriptorStore().remove(name);
                yield Optional.empty();
            }
            case NotifyMessage.Status(String text) -> {
                speaker.statusText(text);
                yield Optional.empty();
            }
        };
    }

    /** What cannot be kept is said once, until something can be kept again. */
    private void store(Datagram datagram, String name, boolean untilHangUp) {
        Optional<String> refusal =
                os.descriptorStore().add(datagram.descriptors(), name, untilHangUp);
        if (refusal.isPresent() && !storeRefuses) {
            LOG.warn(refusal.get());
        }
        storeRefuses = refusal.isPresent();
    }
}
