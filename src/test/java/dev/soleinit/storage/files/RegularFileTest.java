package dev.soleinit.storage.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.storage.GenerationFile;
import dev.soleinit.storage.HostileDirectory;
import dev.soleinit.storage.RestartManifest;
import dev.soleinit.storage.StateDir;
import dev.soleinit.storage.SupervisorMarker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class RegularFileTest extends HostileDirectory {
    private static final Duration SOON = Duration.ofSeconds(20);


    private void isRefused(Path file, String why) {
        IOException said = assertTimeoutPreemptively(SOON, () -> assertThrows(IOException.class,
                () -> RegularFile.read(file, 100)));
        assertTrue(said.getMessage().contains(why), said.getMessage());
    }

    @Test
    void nothingButARegularFileIsOpened() throws IOException {
        isRefused(planted.link("link"), "it is a symbolic link");
        isRefused(planted.pipe("pipe"), "it is a named pipe");
        isRefused(planted.fullDirectory("directory"), "it is a directory");
        isRefused(Path.of("/dev/zero"), "it is a device");
        isRefused(dir.resolve("none"), "none");
    }

    @Test
    void onlySoMuchIsRead() throws IOException {
        Path file = Files.write(dir.resolve("file"), new byte[100]);
        assertEquals(100, RegularFile.read(file, 100).length);
        Files.write(file, new byte[101]);
        isRefused(file, "100 at the most");
    }

    @Test
    void aPipeThatIsPutThereBetweenLookingAndOpeningHoldsNobodyUp() throws Exception {
        Path file = Files.writeString(dir.resolve("file"), "content");
        Path pipe = planted.pipe("pipe");
        AtomicBoolean done = new AtomicBoolean();
        Thread swapping = new Thread(() -> swap(file, pipe, done));
        swapping.start();
        try {
            assertTimeoutPreemptively(SOON, () -> {
                for (int i = 0; i < 5_000; i++) {
                    readOrNot(file);
                }
            });
        } finally {
            done.set(true);
            swapping.join();
        }
    }

    private static void readOrNot(Path file) {
        try {
            RegularFile.read(file, 100);
        } catch (IOException refused) {
            // one of the two at any moment
        }
    }

    private void swap(Path file, Path pipe, AtomicBoolean done) {
        try {
            while (!done.get()) {
                Files.createLink(dir.resolve("next"), pipe);
                Files.move(dir.resolve("next"), file, StandardCopyOption.ATOMIC_MOVE);
                Files.writeString(dir.resolve("next"), "content");
                Files.move(dir.resolve("next"), file, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
    }

    @Test
    void whatIsPublicIsReadThroughNoLinkAndFromNoPipe() throws IOException {
        planted.link("supervisor.json");
        planted.pipe("generation.json");
        planted.pipe("owner.json");
        assertTimeoutPreemptively(SOON, () -> {
            assertTrue(SupervisorMarker.read(dir).isEmpty());
            assertTrue(GenerationFile.readGeneration(dir).isEmpty());
            assertTrue(StateDir.describeOwner(dir).contains("an unknown owner"));
        });
    }

    @Test
    void whoForgesAFileWritesOnNobodysTerminal() throws IOException {
        Files.writeString(dir.resolve("owner.json"), "{\"host\":\"x\\u001b[2J\\n\"}");
        assertTrue(StateDir.describeOwner(dir).contains("host x?[2J?"), StateDir.describeOwner(dir));
    }

    @Test
    void aManifestThatIsNoFileIsSetAsideAndReported() throws IOException {
        planted.link("restart-manifest.json");
        String link = RestartManifest.read(dir).warning().orElseThrow();
        assertTrue(link.contains("symbolic link") && link.contains("set aside"), link);
        planted.pipe("restart-manifest.json");
        String pipe = assertTimeoutPreemptively(SOON,
                () -> RestartManifest.read(dir).warning().orElseThrow());
        assertTrue(pipe.contains("named pipe") && pipe.contains("set aside"), pipe);
        planted.fullDirectory("restart-manifest.json");
        assertTrue(RestartManifest.read(dir).warning().orElseThrow().contains("set aside"));
        assertEquals(3, planted.names().size(), "each has a name of its own");
        planted.targetIsUntouched();
    }

    @Test
    void whatAManifestCouldNotBeReadForDoesNotCiteIt() throws IOException {
        planted.hardLink("restart-manifest.json");
        String said = RestartManifest.read(dir).warning().orElseThrow();
        assertTrue(said.contains("line 1") && !said.contains("root"), said);
    }

    @Test
    void aManifestThatCouldNotBeReadBackIsNotWritten() {
        RestartManifest huge = new RestartManifest("x".repeat(17 << 20), "", 1, 0, java.util.List.of(
                new RestartManifest.Entry("a", "session", "", true, java.util.Optional.empty(), 1,
                        java.time.Instant.now(), 0, 0)));
        IOException said = assertThrows(IOException.class, () -> huge.write(dir));
        assertTrue(said.getMessage().contains("at the most"), said.getMessage());
    }
}
