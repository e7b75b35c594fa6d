package dev.soleinit.http.page;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the page shows beside the status.
 *
 * @param settings every setting, in the order of the catalogue
 * @param stateDir where the event journal lies, if there is one
 */
public record PageContent(List<Row> settings, Optional<Path> stateDir) {
    /** A setting with its value and where that came from. */
    public record Row(String name, String value, String origin) {}
}
