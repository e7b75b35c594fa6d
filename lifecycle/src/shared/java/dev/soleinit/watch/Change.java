package dev.soleinit.watch;

import java.nio.file.Path;
import java.util.List;

/**
 * Another content than before.
 *
 * @param now   what is there
 * @param files which files have come, gone or changed, in order
 */
public record Change(Snapshot now, List<Path> files) {}
