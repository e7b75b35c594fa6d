package dev.soleinit.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What keeps a restart from starting the next generation beside the running one. Stateless. */
public final class OverlapRules {
    private static final String INSTEAD =
            "use notify, attach, or an exec that asks for $DAEMON_GENERATION";

    private OverlapRules() {}

    /** What {@code --overlap} asks for, and the other settings do not allow. */
    public static List<String> warnings(String overlap, boolean listens, Readiness readiness) {
        if (overlap.equals("no") || overlap.equals("never")) {
            return List.of();
        }
        List<String> warnings = new ArrayList<>();
        if (!overlap.contains("shared-port") && !listens) {
            warnings.add(refused(overlap, noSockets()));
        }
        notTold(readiness).ifPresent(why -> warnings.add(refused(overlap, why)));
        return warnings;
    }

    private static String refused(String overlap, String why) {
        return "overlap " + overlap + ": " + why + "; until then every restart is refused";
    }

    /** Both would bind the same address, which the kernel refuses the second one. */
    public static String noSockets() {
        return "two of it cannot both bind its port: have it kept (--listen), or say that the daemon "
                + "shares it by SO_REUSEPORT (--overlap=shared-port)";
    }

    /** Why readiness, as it is found out, cannot tell which of the two is ready. */
    public static Optional<String> notTold(Readiness readiness) {
        return switch (readiness) {
            case Readiness.Tcp _, Readiness.Http _ -> Optional.of("with --ready " + readiness.name()
                    + " the running generation would answer for the next one: " + INSTEAD);
            case Readiness.None _ -> Optional.of("with --ready none nothing says when the next one "
                    + "serves, so the running one would be stopped before: " + INSTEAD);
            case Readiness.Notify _, Readiness.Attach _, Readiness.Exec _ -> Optional.empty();
        };
    }
}
