package dev.soleinit;

import java.util.List;
import java.util.function.ToIntFunction;

/**
 * Lets the run that the AOT cache is made from pass through the command line, too: the cache holds
 * what one process has loaded, and else the commands would not be in it. Only the build asks for it
 * ({@code -Dsoleinit.train=true}). Without those that nobody waits for: a megabyte of cache for them
 * would take the folder over its limit.
 */
final class AotTraining {
    private static final List<String> LINES = List.of("wait --ready --timeout 30s", "status",
            "status --json", "status --ready", "start", "restart");

    private AotTraining() {}

    /** Gives each command to the supervisor of this very process, once it answers. */
    static void begin(ToIntFunction<String[]> program) {
        Thread.ofPlatform().daemon().name("training").start(() -> {
            for (String line : LINES) {
                System.out.println(line + ": " + program.applyAsInt(line.split(" ")));
            }
        });
    }
}
