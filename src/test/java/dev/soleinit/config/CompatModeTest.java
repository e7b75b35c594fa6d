package dev.soleinit.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.soleinit.process.Grouping;
import dev.soleinit.statemachine.settings.PlainInit;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CompatModeTest {
    @Test
    void theLauncherSaysWhatHasNoSetting() {
        CompatMode tini = CompatMode.parse("tini,warn-of-reaped,verbosity=1");
        assertEquals(new CompatMode("tini", Grouping.OWN_GROUP, false, true, 1), tini);
        assertEquals(new PlainInit(false, Optional.empty()), tini.plainInit());
        CompatMode session = CompatMode.parse("dumb-init,session,suspends,verbosity=3");
        assertEquals(new CompatMode("dumb-init", Grouping.OWN_SESSION, true, false, 3), session);
        assertEquals(new PlainInit(true, Optional.of(2)), session.plainInit());
        CompatMode single = CompatMode.parse("dumb-init,same-group,suspends,verbosity=0");
        assertEquals(Grouping.SAME_GROUP, single.grouping());
        assertEquals(new PlainInit(false, Optional.of(2)), single.plainInit());
    }

    @Test
    void withoutTheLaunchersWordItIsNone() {
        assertEquals(Optional.empty(), CompatMode.current());
    }
}
