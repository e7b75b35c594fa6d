package dev.soleinit.supervisor.loop;

/** Something that is due at times of its own. Called on the loop's thread; the loop has no timers. */
public interface TimedTask {
    /** When {@link #tick} has to be called although nothing has happened; {@code Phase.NEVER} if not. */
    long deadline(long now);

    /** Does what is due; called in every turn, so it asks first whether anything is. */
    void tick(long now);
}
