package dev.soleinit.config.loading;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the word that somebody probably meant. Stateless. */
public final class SpellingSuggestion {
    private static final int FARTHEST = 3;

    private SpellingSuggestion() {}

    /** A question to append to a message, such as {@code ; did you mean 'x'?}, or nothing. */
    public static String hint(String word, Collection<String> known) {
        return of(word, known).map(near -> "; did you mean '" + near + "'?").orElse("");
    }

    private static Optional<String> of(String word, Collection<String> known) {
        int farthest = Math.min(FARTHEST, (word.length() + 1) / 2);
        return known.stream().filter(one -> Math.abs(one.length() - word.length()) <= farthest)
                .filter(one -> distance(word, one) <= farthest)
                .min(Comparator.comparingInt(one -> distance(word, one)));
    }

    /** Edits (insert, delete, replace, swap neighbours). Source: optimal string alignment. */
    private static int distance(String from, String to) {
        int[][] edits = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                edits[i][j] = i == 0 || j == 0 ? i + j : Math.min(
                        edits[i - 1][j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1),
                        1 + Math.min(edits[i - 1][j], edits[i][j - 1]));
                if (i > 1 && j > 1 && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1)) {
                    edits[i][j] = Math.min(edits[i][j], edits[i - 2][j - 2] + 1);
                }
            }
        }
        return edits[from.length()][to.length()];
    }
}
