package dev.soleinit.simulation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the simulation finds by chance the walk finds by going everywhere, with the shortest story:
 * {@code -Dwalk.stories=true} prints them.
 */
class WalkFindsPlantedBugsTest {
    /** The bug that lies deepest takes two seconds of an idle processor. */
    private static final double SECONDS = 60;
    private static final String READY = "a daemon that says when it is ready";
    private static final String WORKS = "a daemon that attaches and works";
    private static final String HANGS = "a daemon that hangs and wants more time";
    private static final String CHECKS = "a check command";
    private static final String LAST_GOOD = "a configuration that is kept and put back";
    private static final String PREFLIGHT = "a preflight command";
    /** In which walk a bug shows; all others show in the first one. */
    private static final Map<String, String> WALKS = Map.ofEntries(
            Map.entry("a request is forgotten", "no leftovers are ended, and it gives up"),
            Map.entry("a new main process is not followed",
                    "a daemon that goes on in other processes"),
            Map.entry("an older generation's word counts", READY),
            Map.entry("a planned restart backs off", READY),
            Map.entry("a stop is answered before it is done", READY),
            Map.entry("the stop takes twice its budget", READY),
            Map.entry("a restart overlaps", READY),
            Map.entry("leftovers have twice their grace", READY),
            Map.entry("a stop waits for leftovers", READY),
            Map.entry("more time is given for ever", HANGS),
            Map.entry("a forced end is put off", HANGS),
            Map.entry("safe becomes a plain restart", WORKS),
            Map.entry("nobody looks again under the fence", WORKS),
            Map.entry("what a death cuts is not kept", WORKS),
            Map.entry("an end is decided before the last messages", WORKS),
            Map.entry("an end waits for its connection for ever", WORKS),
            Map.entry("a signal goes to one that has ended", WORKS),
            Map.entry("a fence is never lifted", WORKS),
            Map.entry("a safe restart is impatient", WORKS),
            Map.entry("a check that fails counts as passed", CHECKS),
            Map.entry("force does without a check", CHECKS),
            Map.entry("a check speaks for what came after it", CHECKS),
            Map.entry("safe is accepted blind", "restarts by machines"),
            Map.entry("what is new is kept at once", LAST_GOOD),
            Map.entry("what is put back waits for the backoff", LAST_GOOD),
            Map.entry("what nobody confirmed counts as done", PREFLIGHT),
            Map.entry("a safe restart is too patient", PREFLIGHT));

    static Stream<Arguments> bugs() {
        return InvariantMutationTest.bugs();
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @MethodSource("bugs")
    void theWalkFindsTheBug(String name, String invariant, StepFunction machine) {
        String walk = WALKS.getOrDefault(name, WalkSettings.all().getFirst().name());
        WalkSettings settings = WalkSettings.all().stream()
                .filter(one -> one.name().equals(walk)).findFirst().orElseThrow();
        Walk.Result result = new Walk(settings, machine, SECONDS, invariant).run();
        assertTrue(result.story().isPresent(),
                () -> "'" + name + "' was not found: " + result.words());
        if (Boolean.getBoolean("walk.stories")) {
            System.out.println(name + ", in the walk '" + walk + "': " + result.story().get());
        }
    }
}
