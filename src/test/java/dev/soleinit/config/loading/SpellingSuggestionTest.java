package dev.soleinit.config.loading;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpellingSuggestionTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            stop-timout   | ; did you mean 'stop-timeout'?
            stpo          | ; did you mean 'stop'?
            sart          | ; did you mean 'start'?
            elephant      | ``
            x             | ``
            """)
    void theNearestWordIsOfferedUnlessAllAreFar(String word, String hint) {
        assertEquals(hint, SpellingSuggestion.hint(word, List.of("start", "stop", "stop-timeout", "run")));
    }
}
