package dev.soleinit.docs;

import static dev.soleinit.docs.Generated.cell;
import static dev.soleinit.docs.Generated.code;

import dev.soleinit.config.Setting;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code docs/configuration.md} lists the settings that there are. */
class ConfigurationPageTest {
    @Test
    void thePageListsEverySetting() throws IOException {
        StringBuilder table = new StringBuilder("| setting | value | default | what it is |\n|---|---|---|---|\n");
        for (Setting setting : Setting.values()) {
            table.append("| `").append(setting.key()).append("` | ").append(code(setting.valueForm()))
                    .append(" | ").append(code(setting.defaultValue())).append(" | ")
                    .append(cell(setting.words())).append(setting.repeatable() ? " (repeatable)" : "")
                    .append(" |\n");
        }
        Generated.check(Path.of("docs/configuration.md"), "settings", table.toString());
    }
}
