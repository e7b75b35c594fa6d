package dev.soleinit.config.settings;

import java.util.List;

/**
 * The commands that are run in place of a signal or a message, and for each event.
 *
 * @param preflight says whether the daemon is idle, or empty
 * @param stop      stops it, or empty
 * @param reload    makes it reload, or empty
 * @param event     gets each line of the journal, or empty
 */
public record CommandSettings(List<String> preflight, List<String> stop, List<String> reload,
        List<String> event) {}
