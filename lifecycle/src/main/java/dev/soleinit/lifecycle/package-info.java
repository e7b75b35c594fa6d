/**
 * What a Java daemon links to live under a supervisor: a run loop, a gate for its work, state and
 * interrupted work handed on from one life to the next, an orderly end. A quiet no-op where there is
 * no supervisor. Start at {@link dev.soleinit.lifecycle.Lifecycle}.
 *
 * <p>Needs nothing but slf4j-api. Threads: the caller of {@code run} is
 * the run loop; "link" and "link-writer" talk to the supervisor, "resume" hands over work.
 */
package dev.soleinit.lifecycle;
