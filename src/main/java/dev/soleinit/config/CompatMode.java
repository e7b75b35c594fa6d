package dev.soleinit.config;

import dev.soleinit.process.Grouping;
import dev.soleinit.statemachine.settings.PlainInit;
import java.util.Optional;

/**
 * The program stands in for another init, by whose name the launcher was called. What has a setting of
 * its own the launcher gives as one; this is the rest. Source: docker/entrypoint/compat.c.
 *
 * @param name         the other program's: what its lines begin with
 * @param grouping     where the command lives
 * @param suspends     whether signals of job control stop the supervisor itself, too
 * @param warnOfReaped whether each orphan that is reaped is worth a line
 * @param verbosity    0: nothing but errors, 1: warnings, 2: what happens, 3: every signal
 */
public record CompatMode(String name, Grouping grouping, boolean suspends, boolean warnOfReaped,
        int verbosity) {
    /** What the launcher says in {@code soleinit.compat}. */
    private static final String PROPERTY = "soleinit.compat";
    private static final String VERBOSITY = "verbosity=";
    private static final int CANNOT_EXECUTE = 2;

    /** Of this process; empty unless it was started by another program's name. */
    public static Optional<CompatMode> current() {
        String mode = System.getProperty(PROPERTY);
        return mode == null ? Optional.empty() : Optional.of(parse(mode));
    }

    static CompatMode parse(String mode) {
        String[] words = mode.split(",");
        Grouping grouping = Grouping.OWN_GROUP;
        boolean suspends = false;
        boolean warnOfReaped = false;
        int verbosity = 0;
        for (int i = 1; i < words.length; i++) {
            switch (words[i]) {
                case "session" -> grouping = Grouping.OWN_SESSION;
                case "same-group" -> grouping = Grouping.SAME_GROUP;
                case "suspends" -> suspends = true;
                case "warn-of-reaped" -> warnOfReaped = true;
                default -> verbosity = Integer.parseInt(words[i].substring(VERBOSITY.length()));
            }
        }
        return new CompatMode(words[0], grouping, suspends, warnOfReaped, verbosity);
    }

    /** What decisions hang on. */
    public PlainInit plainInit() {
        boolean tini = name.equals("tini");
        return new PlainInit(grouping == Grouping.OWN_SESSION,
                tini ? Optional.empty() : Optional.of(CANNOT_EXECUTE));
    }
}
