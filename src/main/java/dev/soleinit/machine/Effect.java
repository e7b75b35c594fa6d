package dev.soleinit.machine;

import dev.soleinit.process.Child;
import dev.soleinit.process.Signal;
import java.util.List;
import java.util.Optional;

/** What is to be done, in the order of the list. What can fail answers with an {@link Event}. */
public sealed interface Effect {
    /**
     * Makes the generation durable, then starts the daemon; answered by {@link Event.Spawned} or
     * {@link Event.SpawnFailed}.
     */
    record Spawn(long generation, Optional<List<String>> arguments) implements Effect {}

    /** Sends a signal to the daemon's main process or, with {@code group}, to its group. */
    record Send(Child child, Signal signal, boolean group) implements Effect {}

    /** Sends SIGKILL to whatever is in the daemon's process group. */
    record KillGroup(Child child) implements Effect {}

    /** Sends a signal to every process that is left. */
    record SignalRest(Signal signal) implements Effect {}

    /** Keeps the count of quick failures for the next life of the supervisor. */
    record RememberFailures(int failures) implements Effect {}

    /** Writes an end of the daemon into the journal. */
    record NoteEnd(End end) implements Effect {}

    /** Says a line to people: the log and the journal. */
    record Say(String line) implements Effect {}

    /** Tells the orchestrator, on its termination log, why PID 1 gives up. */
    record TellOrchestrator(String line) implements Effect {}

    /** The request was taken; {@code coalesced}: it joined one that was under way. */
    record Accept(long id, boolean coalesced) implements Effect {}

    /** The request has its end. */
    record Finish(long id, Outcome outcome) implements Effect {}
}
