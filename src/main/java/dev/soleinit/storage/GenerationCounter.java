package dev.soleinit.storage;

import dev.soleinit.storage.files.HeldFile;
import dev.soleinit.storage.files.Quarantine;
import dev.soleinit.storage.files.RegularFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/**
 * The generation counter. state/{@code generation.slots} makes it durable: two lines of 4,096
 * bytes, each a number with its checksum, filled up with spaces; the greater one counts. Room for
 * both is taken once, at boot; from then on a number costs one write in place, over the older line,
 * and one fdatasync(2), and no block that a full disk would not have. A write that a power cut
 * tears spoils the older line alone, and the checksum shows it; the number in it has never been
 * used, since its daemon starts only after the write. A block each, since a disk may write no less.
 * On file systems that copy on write (btrfs, zfs) no room can be taken; there a full disk fails the
 * write.
 *
 * <p>state/{@code generation} is the number alone, for people, scripts and older versions. It
 * follows at the kernel's leisure, and what it says counts only if it is more. Used on one thread.
 */
final class GenerationCounter {
    private static final int SLOT = 4096;
    private static final int MAX_DIGITS = 18;
    private static final long GREATEST = 999_999_999_999_999_999L;
    private static final int MAX_BYTES = 64 * 1024;
    private static final long NONE = -1;

    private final HeldFile slots;
    private final HeldFile plain;
    private int newestSlot;

    GenerationCounter(Path directory) {
        slots = new HeldFile(directory.resolve("generation.slots"));
        plain = new HeldFile(directory.resolve("generation"));
    }

    /**
     * The newest number on disk, 0 if there is none; what cannot be read is set aside.
     *
     * @param warnings gets what had to be
     */
    long load(List<String> warnings) {
        long durable = loadOr(warnings, slots, true, NONE);
        return Math.max(0, Math.max(durable, loadOr(warnings, plain, false, durable)));
    }

    private long loadOr(List<String> warnings, HeldFile file, boolean inSlots, long known) {
        try {
            byte[] content = RegularFile.read(file.path(), MAX_BYTES);
            if (content.length == 0 && known != NONE) {
                return NONE; // a power cut came before it was written
            }
            long number = inSlots ? newest(content)
                    : digits(new String(content, StandardCharsets.ISO_8859_1).strip());
            if (number == NONE) {
                throw new IOException("it holds no number");
            }
            file.adopt();
            return number;
        } catch (NoSuchFileException first) {
            return NONE;
        } catch (IOException broken) {
            warnings.add(Quarantine.move(file.path(), Quarantine.reason(broken), known == NONE
                    ? "A fencing token may have been used before" : ""));
            return NONE;
        }
    }

    private long newest(byte[] content) {
        if (content.length != 2 * SLOT) {
            return NONE;
        }
        long first = number(content, 0);
        long second = number(content, 1);
        newestSlot = second > first ? 1 : 0;
        return Math.max(first, second);
    }

    /** Takes the room for all numbers to come, if that has not been done. */
    void reserve(long newest) throws IOException {
        if (!slots.isHeld()) {
            replaceSlots(newest);
        }
        if (!plain.isHeld()) {
            plain.replaceSometime(plainLine(newest));
        }
    }

    /** Makes the number durable: when this returns it has reached the disk. */
    void store(long generation) throws IOException {
        if (generation > GREATEST) {
            throw new IOException("a number has at most " + MAX_DIGITS + " digits");
        }
        if (slots.isHeld()) {
            int slot = 1 - newestSlot;
            slots.write(line(generation), (long) slot * SLOT);
            slots.sync();
            newestSlot = slot;
        } else {
            replaceSlots(generation);
        }
    }

    /** What {@link #store} does, up to the writing. */
    void rehearse() {
        try {
            line(1);
            slots.isHeld();
            plain.isHeld();
        } catch (IOException another) {
            // who stores the next number will say so
        }
    }

    /** In place and in one write: numbers rise, so nothing of the old one is left behind. */
    void publish(long generation) {
        byte[] text = plainLine(generation);
        try {
            if (plain.isHeld() && plain.size() <= text.length) {
                plain.write(text, 0);
            } else {
                plain.replaceSometime(text);
            }
        } catch (IOException full) {
            // the number is safe; the next one is tried again
        }
    }

    private void replaceSlots(long newest) throws IOException {
        byte[] content = Arrays.copyOf(line(newest), 2 * SLOT);
        Arrays.fill(content, SLOT, 2 * SLOT - 1, (byte) ' ');
        content[2 * SLOT - 1] = '\n';
        slots.replace(content);
        newestSlot = 0;
    }

    // ---- lines

    private static byte[] plainLine(long number) {
        return (number + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] line(long number) {
        byte[] line = new byte[SLOT];
        Arrays.fill(line, (byte) ' ');
        byte[] text = text(number).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, line, 0, text.length);
        line[SLOT - 1] = '\n';
        return line;
    }

    /** Not SHA-256: the next daemon waits for this, and the JVM would first load security providers. */
    private static String text(long number) {
        CRC32 sum = new CRC32();
        sum.update(Long.toString(number).getBytes(StandardCharsets.US_ASCII));
        return number + " crc32=" + Long.toHexString(sum.getValue());
    }

    /** {@link #NONE} if the line is empty or torn. */
    private static long number(byte[] content, int slot) {
        String text = new String(content, slot * SLOT, SLOT, StandardCharsets.ISO_8859_1).strip();
        int space = text.indexOf(' ');
        long number = space < 0 ? NONE : digits(text.substring(0, space));
        return number != NONE && text.equals(text(number)) ? number : NONE;
    }

    /** {@link #NONE} if it is anything but 1 to 18 digits. */
    private static long digits(String text) {
        if (text.isEmpty() || text.length() > MAX_DIGITS) {
            return NONE;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return NONE;
            }
        }
        return Long.parseLong(text);
    }
}
