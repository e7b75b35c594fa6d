package dev.soleinit.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SettingTest {
    @Test
    void oneNameServesFlagVariableAndFile() {
        assertEquals("stop-timeout", Setting.STOP_TIMEOUT.key());
        assertEquals("DAEMON_STOP_TIMEOUT", Setting.STOP_TIMEOUT.variable());
        assertEquals(Setting.STOP_TIMEOUT, Setting.of("stop-timeout").orElseThrow());
    }

    @ParameterizedTest
    @EnumSource
    void everySettingSaysWhatItTakesAndDoes(Setting setting) {
        assertFalse(setting.valueForm().isBlank() || setting.words().isBlank(), setting.key());
    }
}
