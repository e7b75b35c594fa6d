package dev.soleinit.storage;

import static dev.soleinit.fuzz.Fuzzing.empty;
import static dev.soleinit.fuzz.Fuzzing.folder;
import static dev.soleinit.fuzz.Fuzzing.require;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/** The small JSON files (marker, owner, generation, backoff): read as far as they can be. */
public final class MarkerFuzz {
    private static final Path FOLDER = folder("marker");

    private MarkerFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        for (String name : new String[] {"supervisor.json", "owner.json", "generation.json",
            "backoff.json"}) {
            Files.write(FOLDER.resolve(name), input);
        }
        Optional<SupervisorMarker> marker = SupervisorMarker.read(FOLDER);
        if (marker.isPresent()) {
            marker.get().write(FOLDER);
            require(marker.equals(SupervisorMarker.read(FOLDER)), marker + " is not read again");
        }
        String owner = StateDir.describeOwner(FOLDER);
        require(owner.chars().noneMatch(Character::isISOControl), "a terminal can show it: " + owner);
        GenerationFile.readGeneration(FOLDER);
        StateDir state = StateDir.open(FOLDER, OptionalInt.empty());
        require(state.loadBackoff().failures() >= 0, "a count is not negative");
        empty(FOLDER);
    }
}
