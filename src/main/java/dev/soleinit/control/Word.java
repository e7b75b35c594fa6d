package dev.soleinit.control;

import java.util.List;
import java.util.Optional;

/** What the daemon itself says, on a connection that it has attached with. */
public sealed interface Word extends Request {
    /** {@code attach}: here I am; proved by the token of its environment. */
    record Attach(String token, long generation) implements Word {}

    /** {@code work.begin}: a new piece of work, or more about one. */
    record WorkBegin(ReportedWork item) implements Word {}

    /** {@code work.end}: a piece of work has ended. */
    record WorkEnd(String id) implements Word {}

    /** {@code work.report}: this is all. */
    record WorkReport(List<ReportedWork> items) implements Word {}

    /** {@code ready}: I serve; after a reload with the generation that came with it. */
    record Ready(Optional<Long> generation) implements Word {}

    /** {@code drained}: the last piece of work has ended. */
    record Drained() implements Word {}

    /** {@code failed}: I could not start or reload. */
    record Failed(String reason) implements Word {}

    /** {@code resume.claim}: the next piece of interrupted work, if there is any. */
    record Claim() implements Word {}

    /** {@code resume.confirm}: it goes on, and need not be kept any longer. */
    record Confirm(String id) implements Word {}

    /** An answer to what the supervisor asked; {@code error} if it could not be done. */
    record Answer(long id, Optional<String> error) implements Word {}

    /** The connection has gone; said by the server in the daemon's place. */
    record Gone() implements Word {}

    /** How much memory it takes while it waits, in pieces of work without a checkpoint. */
    default int weight() {
        return switch (this) {
            case WorkBegin(ReportedWork item) -> item.memoryWeight();
            case WorkReport(var items) -> 1 + items.stream().mapToInt(ReportedWork::memoryWeight).sum();
            case Attach _, WorkEnd _, Ready _, Drained _, Failed _, Claim _, Confirm _, Answer _,
                    Gone _ -> 1;
        };
    }
}
