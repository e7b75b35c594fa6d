package dev.soleinit.control;

import java.util.List;
import java.util.Optional;

/** What the daemon itself says, on a connection that it has attached with. */
public sealed interface DaemonMessage extends Request {
    /** The version of the protocol that this supervisor speaks. */
    long PROTOCOL = 1;

    /**
     * {@code attach}: here I am; proved by the token of its environment.
     *
     * @param protocol the highest version that the daemon speaks
     */
    record Attach(String token, long generation, long protocol) implements DaemonMessage {
        /** The version that both speak. */
        public long spoken() {
            return Math.min(protocol, PROTOCOL);
        }
    }

    /** {@code work.begin}: a new piece of work, or more about one. */
    record WorkBegin(ReportedWork item) implements DaemonMessage {}

    /** {@code work.end}: a piece of work has ended. */
    record WorkEnd(String id) implements DaemonMessage {}

    /** {@code work.report}: this is all. */
    record WorkReport(List<ReportedWork> items) implements DaemonMessage {}

    /** {@code ready}: I serve; after a reload with the generation that came with it. */
    record Ready(Optional<Long> generation) implements DaemonMessage {}

    /** {@code drained}: the last piece of work has ended. */
    record Drained() implements DaemonMessage {}

    /** {@code failed}: I could not start or reload. */
    record Failed(String reason) implements DaemonMessage {}

    /** {@code resume.claim}: the next piece of interrupted work, if there is any. */
    record Claim() implements DaemonMessage {}

    /** {@code resume.confirm}: it goes on, and need not be kept any longer. */
    record Confirm(String id) implements DaemonMessage {}

    /** An answer to what the supervisor asked; {@code error} if it could not be done. */
    record Answer(long id, Optional<String> error) implements DaemonMessage {}

    /** The connection has gone; said by the server in the daemon's place. */
    record Disconnected() implements DaemonMessage {}

    /** How much memory it takes while it waits, in pieces of work without a checkpoint. */
    default int memoryWeight() {
        return switch (this) {
            case WorkBegin(ReportedWork item) -> item.memoryWeight();
            case WorkReport(var items) -> 1 + items.stream().mapToInt(ReportedWork::memoryWeight).sum();
            case Attach _, WorkEnd _, Ready _, Drained _, Failed _, Claim _, Confirm _, Answer _,
                    Disconnected _ -> 1;
        };
    }
}
