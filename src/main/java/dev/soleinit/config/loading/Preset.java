package dev.soleinit.config.loading;

import dev.soleinit.config.Setting;
import java.util.List;

/**
 * What a known daemon needs: settings of the lowest rank above the defaults. Immutable; made by
 * {@link Presets}.
 *
 * @param name     what {@code --preset} calls it
 * @param title    what the daemon is
 * @param programs base names of commands that are this daemon
 * @param command  how it is started, so that it stays in the foreground
 * @param parts    its settings
 * @param notes    what no preset can know
 */
public record Preset(String name, String title, List<String> programs, String command,
        List<Part> parts, List<String> notes) {
    /**
     * A setting of it.
     *
     * @param texts         its values; <code>{command}</code> is the daemon's own command line, and
     *                      <code>{descriptors}</code> are the kept sockets, as in {@code 3;4;}
     * @param why           what it is for
     * @param ifListening   it holds only with kept sockets
     */
    public record Part(Setting setting, List<String> texts, String why, boolean ifListening) {}
}
