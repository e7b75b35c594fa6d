package dev.soleinit.simulation;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the simulation finds by chance the walk finds by going everywhere, with the shortest story:
 * {@code -Dwalk.stories=true} prints them.
 */
class WalkFindsPlantedBugsTest {
    /** So long for one bug in one walk; most take a tenth of a second. */
    private static final double SECONDS = 20;

    static Stream<Arguments> bugs() {
        return PlantedBugsTest.bugs();
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @MethodSource("bugs")
    void theWalkFindsTheBug(String name, String invariant, Machine machine) {
        StringBuilder tried = new StringBuilder();
        for (double seconds = SECONDS / 16; seconds <= SECONDS; seconds *= 4) {
            for (WalkSettings settings : WalkSettings.all()) {
                Walk.Result result = new Walk(settings, machine, seconds, invariant).run();
                tried.append('\n').append(result.words());
                if (result.story().isPresent()) {
                    print(name, settings, result.story().get());
                    return;
                }
            }
        }
        throw new AssertionError("'" + name + "' was not found: " + tried);
    }

    private static void print(String name, WalkSettings settings, String story) {
        if (Boolean.getBoolean("walk.stories")) {
            System.out.println(name + ", in the walk '" + settings.name() + "': " + story);
        }
    }
}
