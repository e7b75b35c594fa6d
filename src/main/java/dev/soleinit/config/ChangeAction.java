package dev.soleinit.config;

import java.util.Locale;

/** What a change of a watched file, or a SIGHUP, leads to. */
public enum ChangeAction {
    /** The daemon reads its configuration anew, in the same process. */
    RELOAD,
    /** A graceful restart. */
    RESTART,
    /** A safe restart. */
    SAFE_RESTART,
    /** Nothing. */
    NONE;

    /** As it is written. */
    public static String word(ChangeAction one) {
        return one.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
