package dev.soleinit.storage;

import static dev.soleinit.fuzz.Fuzzing.empty;
import static dev.soleinit.fuzz.Fuzzing.folder;
import static dev.soleinit.fuzz.Fuzzing.require;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A restart manifest, with and without a checksum that is right: read whole, or set aside whole. */
public final class ManifestFuzz {
    private static final Path STATE = folder("manifest");
    private static final String NAME = "restart-manifest.json";

    private ManifestFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        read(input);
        read(("{\"format\":1,\"checksum\":\"" + sum(input) + "\",\"content\":"
                + new String(input, StandardCharsets.ISO_8859_1) + "}\n")
                .getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void read(byte[] content) throws IOException {
        Path file = STATE.resolve(NAME);
        Files.write(file, content);
        RestartManifest.ReadResult found = RestartManifest.read(STATE);
        if (found.manifest().isEmpty()) {
            require(found.warning().isPresent(), "what cannot be read is reported");
            require(!Files.exists(file), "what cannot be read is out of the way");
        } else if (!found.manifest().get().entries().isEmpty()) {
            found.manifest().get().write(STATE);
            require(RestartManifest.read(STATE).equals(found), "what was read, written and read "
                    + "again, is the same: " + found);
        }
        empty(STATE);
    }

    private static String sum(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException never) {
            throw new IllegalStateException(never);
        }
    }
}
