package dev.soleinit.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.work.WorkItem;
import dev.soleinit.storage.RestartManifest;
import dev.soleinit.supervisor.daemon.InterruptedWorkStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Much work with large checkpoints goes to disk and comes back in the heap that PID 1 has. */
class ManifestMemoryTest {
    private static final int ITEMS = 2_000;
    private static final String CHECKPOINT = "\u20ac".repeat(4_096);

    @TempDir
    Path dir;

    /** In a JVM with the distribution's own heap. */
    @Test
    void thousandsOfLargeCheckpointsAreKeptAndFoundAgain() throws Exception {
        Path errors = dir.resolve("errors");
        Process java = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java")
                .toString(), "-XX:+UseSerialGC", heap(), "-cp", System.getProperty("java.class.path"),
                Kept.class.getName(), dir.toString()).redirectErrorStream(true)
                .redirectOutput(errors.toFile()).start();
        assertTrue(java.waitFor(100, TimeUnit.SECONDS), "it ends");
        assertEquals(0, java.exitValue(), () -> text(errors));
        assertTrue(Files.size(dir.resolve("restart-manifest.json")) > 3L * 4_096 * ITEMS);
    }

    private static String heap() throws IOException {
        return Files.readAllLines(Path.of("src/main/dist/jvm.options")).stream()
                .filter(line -> line.startsWith("-Xmx")).findFirst().orElseThrow();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException gone) {
            return gone.toString();
        }
    }

    /** What PID 1 does, and the next one. */
    static final class Kept {
        private Kept() {}

        public static void main(String[] args) throws IOException {
            Path state = Path.of(args[0]);
            List<WorkItem> work = work(1);
            InterruptedWorkStore desk = new InterruptedWorkStore(state, System.out::println);
            desk.save(new Effect.SaveManifest(1, 1, "restart", work, 0, true));
            work = null;
            InterruptedWorkStore next = new InterruptedWorkStore(state, System.out::println);
            require(next.candidates() == ITEMS, "all are found: " + next.candidates());
            require(next.claim(2, Set.of()).orElseThrow().checkpoint().orElseThrow().equals(CHECKPOINT),
                    "a checkpoint comes back");
            // and as many again, while nothing of it was claimed
            desk = null;
            List<WorkItem> more = work(2);
            next.save(new Effect.SaveManifest(1, 2, "restart", more, 0, true));
            require(next.candidates() == 2 * ITEMS, "all are known: " + next.candidates());
            System.exit(0);
        }

        private static List<WorkItem> work(int generation) {
            List<WorkItem> items = new ArrayList<>();
            for (int i = 0; i < ITEMS; i++) {
                items.add(new WorkItem(generation + "-" + i, "session", "an upload", true,
                        Optional.of(new String(CHECKPOINT.toCharArray())), "", 0));
            }
            return items;
        }

        private static void require(boolean holds, String what) {
            if (!holds) {
                throw new IllegalStateException(what);
            }
        }
    }

    @Test
    void beyondTheBoundTheOldestGoWithoutTheirCheckpointAndItIsSaid() throws IOException {
        List<String> said = new ArrayList<>();
        InterruptedWorkStore desk = new InterruptedWorkStore(dir, said::add);
        desk.save(new Effect.SaveManifest(1, 1, "restart", Kept.work(1), 0, true));
        assertEquals(List.of(), said);
        desk.save(new Effect.SaveManifest(1, 2, "restart", Kept.work(2), 0, true));
        assertTrue(said.size() == 1 && said.getFirst().contains("without their checkpoint"),
                said.toString());
        RestartManifest manifest = RestartManifest.read(dir).manifest().orElseThrow();
        assertEquals(2 * ITEMS, manifest.entries().size());
        assertTrue(manifest.entries().getLast().checkpoint().isPresent());
        assertTrue(manifest.entries().getFirst().checkpoint().isEmpty());
    }
}
