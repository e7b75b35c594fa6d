package dev.soleinit.control;

import java.util.Locale;

/**
 * Who asks.
 *
 * @param user   user name, or the number of one without a name, as the kernel vouches for it
 * @param origin where the request comes from
 * @param words  for people, for example {@code cli (root): new certificate}
 */
public record Caller(String user, Origin origin, String words) {
    /** Where requests come from; on the socket the caller says itself whether it is the command. */
    public enum Origin {
        CLI, SOCKET, FILE, SIGNAL, MEMORY, DAEMON;

        /** As it stands in the protocol and in the journal. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Whether a program asks: between the restarts of these there is a pause. */
        public boolean isAutomatic() {
            return this == SOCKET || this == FILE || this == MEMORY;
        }

        /** Whether nobody reads the answer: then the log and the status have it. */
        public boolean isUnanswered() {
            return this == FILE || this == SIGNAL || this == MEMORY;
        }
    }
}
