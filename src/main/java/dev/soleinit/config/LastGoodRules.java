package dev.soleinit.config;

import java.nio.file.Path;
import java.util.List;

/** What a file of which a good content is kept needs of other settings. Plain functions. */
public final class LastGoodRules {
    private LastGoodRules() {}

    /** Only a change that is seen can be a bad one. */
    public static boolean isWatched(Path file, List<Path> watched) {
        return watched.stream().anyMatch(path ->
                file.startsWith(path.toAbsolutePath().normalize()));
    }

    /** Why it would never be put back. */
    public static List<String> warnings(int after, int giveUpAfter) {
        return after == 0 || giveUpAfter == 0 || giveUpAfter > after ? List.of()
                : List.of("last-good-after " + after + " is never reached: give-up-after "
                        + giveUpAfter + " ends the supervisor before");
    }
}
