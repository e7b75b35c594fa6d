package dev.soleinit.checksum;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The checksum of whatever is as large as somebody makes it: saved state, the restart manifest, watched
 * files. Piece by piece, since it may be larger than the memory there is. Used by one thread.
 */
public final class Sha256 {
    private final MessageDigest digest;

    /** Of nothing yet. */
    public Sha256() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException never) {
            // each JVM has to have it
            throw new IllegalStateException(never);
        }
    }

    /** Of a whole text, in UTF-8. */
    public static String of(String text) {
        return new Sha256().add(text).hex();
    }

    public Sha256 add(byte[] bytes, int size) {
        digest.update(bytes, 0, size);
        return this;
    }

    /** Adds a text in UTF-8. */
    public Sha256 add(String text) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** Adds what is left in {@code piece}, which stays as it is. */
    public Sha256 add(ByteBuffer piece) {
        digest.update(piece.duplicate());
        return this;
    }

    /** Forgets what was added. */
    public void reset() {
        digest.reset();
    }

    /** In hexadecimal digits; then it is that of nothing again. */
    public String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
