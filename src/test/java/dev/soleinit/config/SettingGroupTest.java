package dev.soleinit.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Under which headings the settings stand. */
class SettingGroupTest {
    @Test
    void everySettingStandsUnderOneHeading() {
        List<Setting> all = new ArrayList<>();
        for (SettingGroup group : SettingGroup.values()) {
            all.addAll(group.settings());
            group.settings().forEach(setting -> assertEquals(group, SettingGroup.of(setting), setting.key()));
        }
        assertEquals(EnumSet.allOf(Setting.class), EnumSet.copyOf(all));
        assertEquals(Setting.values().length, all.size(), "one stands under two headings");
    }

    @Test
    void thoseThatMostPeopleNeedAreADozenAndComeFirst() {
        assertEquals(SettingGroup.MOST_USED, SettingGroup.values()[0]);
        assertEquals(12, SettingGroup.MOST_USED.settings().size());
    }
}
