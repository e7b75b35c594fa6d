package dev.soleinit.supervisor.requests;

import dev.soleinit.control.DaemonMessage;
import dev.soleinit.control.IncomingRequest;
import dev.soleinit.control.Request;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.supervisor.loop.TimedTask;
import dev.soleinit.supervisor.reporting.StatePublisher;
import dev.soleinit.supervisor.reporting.StatusReport;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Takes what callers ask: answers it, has it wait, or turns it into an event. Who is told that the
 * daemon is ready may look into the public files at once, and nobody is told so of one that has ended:
 * answers are held back until both are sure. Used on the loop's thread.
 */
public final class RequestHandler implements TimedTask {
    private final RequestRegistry requests;
    private final StateWaiters waits;
    private final EventSubscribers subscribers;
    private final StatusReport report;
    private final PreflightService preflights;
    private final StatePublisher publisher;
    private final Consumer<String> reloadFailed;
    private final Supplier<State> state;

    /** @param reloadFailed is given why a reload that files asked for has failed */
    public RequestHandler(RequestRegistry requests, EventSubscribers subscribers, StatusReport report,
            PreflightService preflights, StatePublisher publisher, Consumer<String> reloadFailed,
            Supplier<State> state) {
        this.requests = requests;
        this.waits = new StateWaiters(report);
        this.subscribers = subscribers;
        this.report = report;
        this.preflights = preflights;
        this.publisher = publisher;
        this.reloadFailed = reloadFailed;
        this.state = state;
    }

    /** Takes one; what it means to the machine, if anything. */
    public Optional<Event> handle(IncomingRequest call, long now) {
        switch (call.request()) {
            case Request.Status _ -> call.replyTo().result(report.build(state.get(), now));
            case Request.Wait wait -> waits.add(call, wait, now);
            case Request.Subscribe subscribe -> subscribers.add(call, subscribe);
            case Request.Preflight preflight -> preflights.answer(call, preflight, state, now);
            case DaemonMessage _ -> throw new IllegalStateException("words have their own queue");
            case Request.Start _, Request.Stop _, Request.Restart _, Request.Reload _,
                    Request.SendSignal _ -> {
                return requests.register(call, state.get(), now);
            }
        }
        return Optional.empty();
    }

    /** What it means that callers have gone. */
    public List<Event> cancelAbandoned() {
        return requests.cancelAbandoned();
    }

    /** Whether nobody can be told yet how things are. */
    public boolean isHeld(long now) {
        return state.get().awaitsLastMessages() || publisher.isBehind(now);
    }

    /** Sends the answers that are due and not held back. */
    public void sendReplies(long now) {
        if (!isHeld(now)) {
            sendAll(now);
        }
    }

    /** Sends all that are due: there will be no better time. */
    public void sendAll(long now) {
        requests.sendDueReplies(state.get(), now).forEach(reloadFailed);
        waits.answerSatisfied(state.get(), now);
    }

    /** While answers are held back there is nothing to wake for. */
    @Override
    public long deadline(long now) {
        return isHeld(now) ? Phase.NEVER : waits.deadline();
    }

    @Override
    public void tick(long now) {
        sendReplies(now);
    }
}
