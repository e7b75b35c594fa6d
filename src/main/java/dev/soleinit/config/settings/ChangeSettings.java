package dev.soleinit.config.settings;

import dev.soleinit.config.ChangeAction;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What counts as a change of the daemon's configuration, and what it leads to.
 *
 * @param watch    files and directories whose change of content counts
 * @param ignore   patterns of watched files that do not count
 * @param onChange what such a change leads to
 * @param check    command that a change has to pass, or empty
 * @param quiet    how long watched files must be quiet
 * @param poll     how often they are read although nothing was seen
 * @param onHup    what a SIGHUP leads to instead of being forwarded
 * @param lastGood the watched file of which the last good content is kept
 */
public record ChangeSettings(List<Path> watch, List<String> ignore, ChangeAction onChange,
        List<String> check, Duration quiet, Duration poll, Optional<ChangeAction> onHup,
        Optional<Path> lastGood) {}
