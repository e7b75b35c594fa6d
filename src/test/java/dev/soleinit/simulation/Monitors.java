package dev.soleinit.simulation;

import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.settings.Policy;
import java.util.List;
import java.util.Set;

/** All that is watched, side by side. */
final class Monitors {
    private final Invariants invariants;
    private final KillInvariants kills;
    private final LeftoverInvariants leftovers;
    private final WorkInvariants work;
    private final AskedInvariants asked;
    private final LastMessages last;
    private final ConfigurationInvariants configuration;

    Monitors(Policy settings, long generation) {
        this(new Invariants(settings, generation), new KillInvariants(settings),
                new LeftoverInvariants(settings), new WorkInvariants(settings),
                new AskedInvariants(settings.coordination()), new LastMessages(),
                new ConfigurationInvariants(settings));
    }

    private Monitors(Invariants invariants, KillInvariants kills, LeftoverInvariants leftovers,
            WorkInvariants work, AskedInvariants asked, LastMessages last,
            ConfigurationInvariants configuration) {
        this.configuration = configuration;
        this.invariants = invariants;
        this.kills = kills;
        this.leftovers = leftovers;
        this.work = work;
        this.asked = asked;
        this.last = last;
    }

    /** Before an event, which {@code ends} the daemon or not; {@code admitted} is its work. */
    void before(Event event, long now, boolean ends, Set<String> admitted) {
        boolean complete = last.before(event, now);
        invariants.before(event, now, complete);
        kills.before(event, now);
        work.before(event, now, ends, complete, admitted);
        leftovers.before(event, now);
        asked.before(event);
        configuration.before(event, now, ends);
    }

    /** After it, while so many leftovers are {@code living}. */
    void after(List<Effect> effects, int living) {
        invariants.after(effects);
        kills.after(effects);
        work.after(effects);
        leftovers.after(effects, living);
        asked.after(effects);
        last.after(effects);
        configuration.after(effects);
    }

    /** PID 1 has ended; {@code killable} if the kernel has ended whatever was killed. */
    void over(long now, int code, boolean killable) {
        invariants.over(now, code, killable);
    }

    Monitors copy() {
        return new Monitors(invariants.copy(), kills.copy(), (LeftoverInvariants) leftovers.copy(),
                work.copy(), asked.copy(), (LastMessages) last.copy(), configuration.copy());
    }

    void print(Canonical out) {
        invariants.print(out);
        kills.print(out);
        leftovers.print(out);
        work.print(out);
        asked.print(out);
        last.print(out);
        configuration.print(out);
    }
}
