package dev.soleinit.tidy;

import dev.soleinit.statemachine.Kinds;
import dev.soleinit.statemachine.model.Event;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Each event comes from somewhere. The machine may decide one that nobody makes, and every test of it
 * makes its own.
 */
class EventSourcesTest {
    private static final Path MAIN = Path.of("src/main/java/dev/soleinit");
    /** It makes events for decisions that are thrown away. */
    private static final String REHEARSAL = "TransitionWarmup.java";
    private static final Pattern MADE = Pattern.compile("\\bnew\\s+(?:Event\\.)?([A-Z]\\w*)\\s*\\("
            + "|\\b(?:Event\\.)?([A-Z]\\w*)::new\\b");

    @Test
    void eachEventIsMadeOutsideOfTheMachine() throws IOException {
        Set<String> made = new TreeSet<>();
        for (Path file : sources()) {
            MADE.matcher(TypeGraph.code(Files.readString(file))).results().forEach(match ->
                    made.add(match.group(1) == null ? match.group(2) : match.group(1)));
        }
        Kinds.checkAllMet(Event.class, made, "nobody makes them; post them into the Inbox from where "
                + "they are found out, or dispatch them in EventLoop");
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> all = Files.walk(MAIN)) {
            return all.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.startsWith(MAIN.resolve("statemachine")))
                    .filter(file -> !file.endsWith(REHEARSAL)).toList();
        }
    }
}
