package dev.soleinit.docs;

import static dev.soleinit.docs.Generated.cell;
import static dev.soleinit.docs.Generated.code;

import dev.soleinit.config.loading.Preset;
import dev.soleinit.config.loading.Presets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code docs/recipes.md} lists the presets that there are. */
class PresetsPageTest {
    @Test
    void thePageListsEveryPreset() throws IOException {
        StringBuilder table = new StringBuilder("| preset | daemon | settings |\n|---|---|---|\n");
        for (Preset preset : Presets.all()) {
            List<String> settings = new ArrayList<>();
            for (Preset.Part part : preset.parts()) {
                settings.add(code(part.setting().key() + " " + String.join(" ", part.texts()))
                        + (part.ifListening() ? " with `--listen`" : ""));
            }
            table.append("| `").append(preset.name()).append("` | ").append(cell(preset.title()))
                    .append(" | ").append(String.join(", ", settings)).append(" |\n");
        }
        Generated.check(Path.of("docs/recipes.md"), "presets", table.toString());
    }
}
