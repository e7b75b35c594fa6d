package dev.soleinit.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GenerationCounterTest extends HostileDirectory {
    private static final int SLOT = 4096;

    private final List<String> warnings = new ArrayList<>();
    private Path slots;
    private Path plain;

    @BeforeEach
    void name() {
        slots = dir.resolve("generation.slots");
        plain = dir.resolve("generation");
    }

    /** What a later life finds. */
    private long loaded() {
        return new GenerationCounter(dir).load(warnings);
    }

    /** What it would find if nothing but the durable file had reached the disk. */
    private long durable() throws IOException {
        Files.deleteIfExists(plain);
        return loaded();
    }

    private GenerationCounter at(long number) throws IOException {
        GenerationCounter counter = new GenerationCounter(dir);
        counter.reserve(0);
        for (long i = 1; i <= number; i++) {
            store(counter, i);
        }
        return counter;
    }

    /** As the supervisor does: the daemon starts between the two. */
    private static void store(GenerationCounter counter, long number) throws IOException {
        counter.store(number);
        counter.publish(number);
    }

    private static Object inode(Path file) throws IOException {
        return Files.getAttribute(file, "unix:ino", LinkOption.NOFOLLOW_LINKS);
    }

    @Test
    void whatWasStoredLastIsLoaded() throws IOException {
        at(41);
        assertEquals(41, loaded());
        assertEquals("41\n", Files.readString(plain));
        GenerationCounter next = new GenerationCounter(dir);
        next.load(warnings);
        store(next, 42);
        store(next, 157);
        assertEquals("157\n", Files.readString(plain));
        assertEquals(157, durable());
        assertEquals(List.of(), warnings);
    }

    /** Killed right after the daemon was started, a supervisor has told people nothing yet. */
    @Test
    void aNumberCountsBeforeItIsPublished() throws IOException {
        at(41).store(42);
        assertEquals("41\n", Files.readString(plain));
        assertEquals(42, loaded());
    }

    @Test
    void storingNeedsNoNewFileAndNoNewBlock() throws IOException {
        GenerationCounter counter = at(0);
        List<Object> before = List.of(inode(slots), inode(plain));
        for (long i = 1; i < 100; i++) {
            store(counter, i);
            assertEquals(before, List.of(inode(slots), inode(plain)));
            assertEquals(2 * SLOT, Files.size(slots));
        }
        GenerationCounter next = new GenerationCounter(dir);
        assertEquals(99, next.load(warnings));
        next.reserve(99);
        store(next, 100);
        assertEquals(before, List.of(inode(slots), inode(plain)), "the next life goes on in them");
        assertEquals(List.of("generation", "generation.slots"), planted.names());
    }

    /** Whatever part of a write has reached the disk, the number is the old or the new one. */
    @ParameterizedTest
    @ValueSource(longs = {1, 8, 9, 99, 123_456})
    void aTornWriteLeavesTheNumberBefore(long old) throws IOException {
        GenerationCounter counter = new GenerationCounter(dir);
        counter.reserve(old - 1);
        store(counter, old);
        byte[] before = Files.readAllBytes(slots);
        store(counter, old + 1);
        byte[] after = Files.readAllBytes(slots);
        int slot = Arrays.mismatch(before, after) / SLOT;
        for (int from = 0; from < 40; from++) {
            for (int to = from; to <= 40; to++) {
                byte[] torn = before.clone();
                System.arraycopy(after, slot * SLOT + from, torn, slot * SLOT + from, to - from);
                Files.write(slots, torn);
                long loaded = durable();
                assertTrue(loaded == old || loaded == old + 1, from + " to " + to + ": " + loaded);
            }
        }
    }

    /** The bytes of the file at 7, with the newest line spoilt by {@code with}. */
    private void spoilNewest(byte with, int length) throws IOException {
        at(7);
        byte[] content = Files.readAllBytes(slots);
        int newest = new String(content, 0, SLOT).startsWith("7 ") ? 0 : SLOT;
        Arrays.fill(content, newest, newest + length, with);
        Files.write(slots, content);
    }

    @Test
    void aSpoiledLineIsNeverBelieved() throws IOException {
        spoilNewest((byte) 0, 512);
        assertEquals(6, durable());
        spoilNewest((byte) '9', 1);
        assertEquals(6, durable());
        assertEquals(List.of(), warnings);
    }

    @Test
    void afterATornWriteTheNumberBeforeIsNotOverwritten() throws IOException {
        spoilNewest((byte) '#', 1);
        Files.delete(plain);
        GenerationCounter next = new GenerationCounter(dir);
        assertEquals(6, next.load(warnings));
        store(next, 7);
        String text = Files.readString(slots);
        assertTrue(text.contains("6 crc32=") && text.contains("7 crc32="), text.strip());
    }

    @Test
    void twoSpoiledLinesAreSetAsideAndTheOtherFileStillCounts() throws IOException {
        spoilNewest((byte) '#', 1);
        byte[] content = Files.readAllBytes(slots);
        content[0] = '#';
        content[SLOT] = '#';
        Files.write(slots, content);
        assertEquals(7, loaded());
        assertTrue(warnings.getFirst().contains("set aside"), warnings.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"12", "12\n", " 12 \n"})
    void theFormatOfOlderVersionsIsRead(String content) throws IOException {
        Files.writeString(plain, content);
        GenerationCounter counter = new GenerationCounter(dir);
        assertEquals(12, counter.load(warnings));
        counter.reserve(12);
        store(counter, 13);
        assertEquals("13", Files.readString(plain).strip());
        assertEquals(13, durable());
    }

    @Test
    void thePlainFileCountsIfItSaysMoreAndItsTornWriteIsNoMisfortune() throws IOException {
        at(3);
        Files.writeString(plain, "50\n");
        assertEquals(50, loaded());
        Files.writeString(plain, "");
        assertEquals(3, loaded());
        assertEquals(List.of(), warnings);
    }

    @Test
    void aPersonCanReadBoth() throws IOException {
        at(3);
        assertEquals("3\n", Files.readString(plain));
        List<String> lines = Files.readAllLines(slots);
        assertEquals(2, lines.size());
        assertTrue(lines.stream().allMatch(line -> line.strip().matches("[23] crc32=[0-9a-f]+")),
                lines.toString());
    }

    @Test
    void whatIsPutInTheirPlaceIsReplacedAndNeverWrittenTo() throws IOException {
        GenerationCounter counter = at(3);
        List<String> names = List.of("generation", "generation.slots");
        long number = 3;
        for (String kind : List.of("nothing", "link", "hard link", "pipe", "directory")) {
            for (String name : names) {
                Files.delete(dir.resolve(name));
                put(kind, name);
            }
            store(counter, ++number);
            assertEquals(number, loaded(), kind);
            assertEquals(number, durable(), kind);
            store(counter, ++number);
        }
        planted.targetIsUntouched();
    }

    private void put(String kind, String name) throws IOException {
        switch (kind) {
            case "nothing" -> { }
            case "link" -> planted.link(name);
            case "hard link" -> planted.hardLink(name);
            case "pipe" -> planted.pipe(name);
            case "directory" -> planted.fullDirectory(name);
            default -> throw new IllegalArgumentException(kind);
        }
    }

    @Test
    void anotherNameOfAFileElsewhereIsNotWrittenTo() throws IOException {
        at(3);
        for (Path file : List.of(slots, plain)) {
            Path elsewhere = outside.resolve("elsewhere-" + file.getFileName());
            Files.move(file, elsewhere);
            Files.createLink(file, elsewhere);
        }
        byte[] before = Files.readAllBytes(outside.resolve("elsewhere-generation.slots"));
        GenerationCounter counter = new GenerationCounter(dir);
        assertEquals(3, counter.load(warnings));
        store(counter, 4);
        assertEquals(4, loaded());
        assertTrue(Arrays.equals(before,
                Files.readAllBytes(outside.resolve("elsewhere-generation.slots"))));
        assertEquals("3\n", Files.readString(outside.resolve("elsewhere-generation")));
    }

    @Test
    void aLinkAtBootIsSetAsideAndReported() throws IOException {
        planted.link("generation");
        planted.link("generation.slots");
        StateDir state = StateDir.open(dir);
        assertEquals(5, state.loadGeneration(5));
        assertEquals(2, state.warnings().size());
        assertTrue(state.warnings().getFirst().contains("symbolic link"),
                state.warnings().toString());
        state.store(6);
        state.publish(6);
        assertEquals(6, loaded());
        planted.targetIsUntouched();
    }
}
