package dev.soleinit.docs;

import static dev.soleinit.docs.Generated.cell;
import static dev.soleinit.docs.Generated.code;

import dev.soleinit.config.Setting;
import dev.soleinit.config.SettingGroup;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code docs/configuration.md} lists the settings that there are. */
class ConfigurationPageTest {
    @Test
    void thePageListsEverySetting() throws IOException {
        StringBuilder table = new StringBuilder();
        for (SettingGroup group : SettingGroup.values()) {
            table.append(table.isEmpty() ? "" : "\n").append("### ").append(group.heading()).append("\n\n")
                    .append("| setting | value | default | what it is |\n|---|---|---|---|\n");
            group.settings().forEach(setting -> row(table, setting));
        }
        Generated.check(Path.of("docs/configuration.md"), "settings", table.toString());
    }

    private static void row(StringBuilder table, Setting setting) {
        table.append("| `").append(setting.key()).append("` | ").append(code(setting.valueForm()))
                .append(" | ").append(code(setting.defaultValue())).append(" | ")
                .append(cell(setting.words())).append(setting.repeatable() ? " (repeatable)" : "")
                .append(" |\n");
    }
}
