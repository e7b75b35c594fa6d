package dev.soleinit.watch;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What watched files contained at one time.
 *
 * @param hash  of everything: SHA-256 in hexadecimal digits
 * @param files the hash of each file
 */
public record Snapshot(String hash, Map<Path, String> files) {
    public Snapshot {
        files = Collections.unmodifiableMap(new TreeMap<>(files));
    }

    /** The files that have come, gone or changed since. */
    public List<Path> changedSince(Snapshot older) {
        TreeSet<Path> all = new TreeSet<>(files.keySet());
        all.addAll(older.files().keySet());
        List<Path> changed = new ArrayList<>();
        for (Path file : all) {
            if (!String.valueOf(files.get(file)).equals(String.valueOf(older.files().get(file)))) {
                changed.add(file);
            }
        }
        return changed;
    }
}
