package dev.soleinit.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the word that somebody probably meant. Stateless. */
public final class Nearest {
    private static final int FARTHEST = 3;

    private Nearest() {}

    /** A question to append to a message, such as {@code ; did you mean 'x'?}, or nothing. */
    public static String hint(String word, Collection<String> known) {
        return of(word, known).map(near -> "; did you mean '" + near + "'?").orElse("");
    }

    private static Optional<String> of(String word, Collection<String> known) {
        return known.stream().filter(one -> distance(word, one) <= FARTHEST)
                .min(Comparator.comparingInt(one -> distance(word, one)));
    }

    /** Edits (insert, delete, replace) from one word to the other. Source: Levenshtein, 1966. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
