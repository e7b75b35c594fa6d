package dev.soleinit.simulation;

import dev.soleinit.process.Signal;
import dev.soleinit.statemachine.model.DaemonProcess;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.ExitRecord.Standing;
import dev.soleinit.statemachine.model.LastGood;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.DaemonFacts;
import dev.soleinit.statemachine.state.HeldExit;
import dev.soleinit.statemachine.state.OpenRequest;
import dev.soleinit.statemachine.state.OpenRequests;
import dev.soleinit.statemachine.state.OtherProcess;
import dev.soleinit.statemachine.state.RestartState;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.statemachine.work.WorkItem;
import java.util.Optional;

/** What the machine's decisions depend on, without what is only said to people. */
final class CanonicalState {
    /** So many quick failures in a row have the longest delay. */
    private static final int MAX_FAILURES = 6;

    private CanonicalState() {}

    static void print(State state, Canonical out) {
        out.number(state.goal().ordinal());
        phase(state.phase(), out);
        out.flags(state.everSpawned(), state.hold().isPresent(), state.arguments().isPresent());
        out.number(Math.min(state.failures(), MAX_FAILURES));
        out.number(state.settings().exits().giveUpAfter() == 0 ? 0 : state.failuresThisBoot());
        out.number(state.consecutiveRestartExits());
        lastGood(state, out);
        out.number(state.earlySignals().size());
        for (Signal signal : state.earlySignals()) {
            out.number(signal.number());
        }
        requests(state.requests(), out);
        out.flag(state.ending().isPresent());
        state.ending().ifPresent(ending -> {
            out.number(ending.signal().number());
            out.since(ending.since(), 10);
            out.flag(ending.sigintSeen());
        });
        out.number(state.exitHistory().stream().filter(one -> one.standing() == Standing.CURRENT)
                .mapToInt(one -> one.status().code()).findFirst().orElse(-1));
        items(state, out);
        restarts(state.restarts(), out);
        daemon(state.daemon(), state.history().manifests(), out);
        out.flag(state.other().isPresent());
        state.other().ifPresent(other -> other(other, state.history().manifests(), out));
    }

    private static void lastGood(State state, Canonical out) {
        if (state.settings().exits().lastGoodAfter() > 0) {
            LastGood known = state.lastGood();
            out.text(known.read());
            out.text(known.readyWith());
            out.text(known.kept());
            out.deadline(known.keepFrom());
            out.number(known.failures() % state.settings().exits().lastGoodAfter());
            out.generation(known.reader());
            out.generation(known.ready());
            out.since(known.readySince(), 30);
        }
    }

    private static void other(OtherProcess other, long manifests, Canonical out) {
        out.number(other.role().ordinal());
        out.generation(other.generation());
        phase(other.phase(), out);
        requests(other.requests(), out);
        restarts(other.restarts(), out);
        daemon(other.daemon(), manifests, out);
        out.number(other.daemon().work().active());
        out.flag(other.launch().arguments().isPresent());
    }

    private static void requests(OpenRequests requests, Canonical out) {
        out.number(requests.all().size());
        for (OpenRequest one : requests.all()) {
            out.request(one.id());
            out.number(one.kind().ordinal());
            switch (one) {
                case OpenRequest.PendingRestart pending -> pending(pending, out);
                case OpenRequest.Unchecked(var _, boolean covered) -> out.flag(covered);
                case OpenRequest.Restart(long _, var tale) -> out.flag(tale.isPresent());
                case OpenRequest.Start _, OpenRequest.Stop _, OpenRequest.Reload _ -> { }
            }
        }
    }

    private static void pending(OpenRequest.PendingRestart one, Canonical out) {
        out.number(one.mode().ordinal());
        out.deadline(one.dueAt());
        out.deadline(one.drainBy());
        out.deadline(one.giveUpAt());
        out.texts(one.ignored());
        out.flags(one.automatic(), one.assumeIdle(), one.overlap());
    }

    private static void items(State state, Canonical out) {
        if (state.work().isEmpty()) {
            out.number(0);
            return;
        }
        for (WorkItem item : state.work().items()) {
            out.text(item.id());
            out.flag(item.blocks());
        }
    }

    private static void phase(Phase phase, Canonical out) {
        out.text(phase.getClass().getSimpleName());
        phase.current().ifPresent(run -> run(run, out));
        switch (phase) {
            case Phase.Idle _ -> { }
            case Phase.Spawning(long deadline) -> out.deadline(deadline);
            case Phase.Starting(DaemonProcess _, long deadline) -> out.deadline(deadline);
            case Phase.Ready ready -> out.flag(ready.stopping());
            case Phase.Draining draining -> {
                out.number(draining.stage().ordinal());
                out.deadline(draining.startDeadline());
                out.deadline(draining.until());
                out.flags(draining.drainConfirmed(), draining.preflightIdle());
            }
            case Phase.Reloading reloading -> {
                out.number(reloading.stage().ordinal());
                out.generation(reloading.next());
                out.deadline(reloading.until());
                out.request(reloading.coversUpTo());
            }
            case Phase.StopDelayed delayed -> {
                out.text(delayed.signal().name());
                out.deadline(delayed.until());
            }
            case Phase.Terminating(DaemonProcess _, long killAt, var failure) -> {
                out.deadline(killAt);
                out.flag(failure.isPresent());
            }
            case Phase.Killing(DaemonProcess _, long giveUpAt, var failure) -> {
                out.deadline(giveUpAt);
                out.flag(failure.isPresent());
            }
            case Phase.ClearingLeftovers clearing -> {
                out.pid(clearing.child().pid());
                out.number(clearing.stage().ordinal());
                out.deadline(clearing.until());
                out.deadline(clearing.spawnAt());
            }
            case Phase.BackingOff(long until, String _) -> out.deadline(until);
            case Phase.Sweeping(int code, long killAt) -> {
                out.number(code);
                out.deadline(killAt);
            }
            case Phase.Done(int code) -> out.number(code);
        }
    }

    private static void run(DaemonProcess run, Canonical out) {
        out.pid(run.child().pid());
        out.generation(run.child().generation());
        out.since(run.readyAt().orElse(Phase.NEVER), 30);
        out.deadline(run.watchdogDeadline());
        out.number(run.watchdog().toNanos());
        out.deadline(run.maxDeadline());
        out.number(run.origin().ordinal());
    }

    private static void restarts(RestartState restarts, Canonical out) {
        out.deadline(restarts.timers().wakeAt());
        out.deadline(restarts.timers().retryNotBefore());
        out.deadline(restarts.timers().logNotBefore());
        out.deadline(restarts.timers().coolUntil());
        out.flags(restarts.preflightRunning(), restarts.tale().isPresent(),
                restarts.tale().isPresent() && restarts.tale().get().forced());
    }

    private static void daemon(DaemonFacts daemon, long manifests, Canonical out) {
        out.flags(daemon.attached(), daemon.manifestWritten(), daemon.owesUnfence());
        out.number(daemon.manifestWritten() ? manifests - daemon.manifest() : -1);
        exit(daemon.exit(), out);
    }

    private static void exit(Optional<HeldExit> exit, Canonical out) {
        if (exit.isEmpty()) {
            out.number(0);
            return;
        }
        HeldExit held = exit.get();
        out.pid(held.event().pid());
        out.number(held.event().status().code());
        out.time(held.at());
        out.flags(held.failure().isPresent(), held.event().why().isPresent());
        out.number(held.postponed().size());
        held.postponed().forEach(event -> postponed(event, out));
    }

    private static void postponed(Event event, Canonical out) {
        out.text(event.getClass().getSimpleName());
        switch (event) {
            case Event.RequestEvent asked -> out.request(asked.id());
            case Event.CallerDisconnected(long id) -> out.request(id);
            case Event.SignalReceived(Signal signal) -> out.number(signal.number());
            case Event.GenerationPersisted(long number, var _) -> out.generation(number);
            case Event.CheckFinished(long _, var failure) -> out.flag(failure.isPresent());
            case Event.ReloadCommandFinished(long _, var failure) -> out.flag(failure.isPresent());
            default -> { }
        }
    }
}
