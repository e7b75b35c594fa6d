package dev.soleinit.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Our JSON is everybody's: what we write Jackson reads, and we take and refuse what it does. */
class JsonTest {
    private static final ObjectMapper JACKSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
    private static final String[] PIECES = {"{", "}", "[", "]", ",", ":", "\"", "a", "\"a\"", "\"b\"",
        "1", "-0", "01", "1.5", "1e3", "-", ".5", "2.", "1E+2", "9223372036854775807", "-9223372036854775808",
        "true", "false", "null", "nul", " ", "\n", "\\", "\"\\u00e4\"", "\"\\ud83d\\ude00\"",
        "\"\\x\"", "\"\t\"", "\"\\n\\/\\b\"", "\"\\u12g4\"", "ä", "/**/", "\u00a0", "{\"a\":1}", "[1]"};

    private static String outcome(String text) {
        try {
            return String.valueOf(Json.parse(text));
        } catch (IllegalArgumentException refused) {
            return "refused";
        }
    }

    private static String jacksons(String text) {
        try {
            JsonNode read = JACKSON.readTree(text);
            String value = read.isMissingNode() ? "refused" : String.valueOf(plain(read));
            // JSON has no form for it, so that it could not be written again
            return value.contains("Infinity") ? "refused" : value;
        } catch (JsonProcessingException refused) {
            return "refused";
        }
    }

    /** Whole numbers as Long where they fit, else as Double. */
    private static Object plain(JsonNode node) {
        if (node.isObject()) {
            Map<String, Object> map = new LinkedHashMap<>();
            node.properties().forEach(member -> map.put(member.getKey(), plain(member.getValue())));
            return map;
        }
        if (node.isArray()) {
            return node.valueStream().map(JsonTest::plain).toList();
        }
        if (node.isNumber()) {
            return node.isIntegralNumber() && node.canConvertToLong() ? (Object) node.longValue()
                    : (Object) node.doubleValue();
        }
        return node.isBoolean() ? (Object) node.booleanValue() : node.isNull() ? null : node.textValue();
    }

    @Test
    void itTakesAndRefusesWhatJacksonDoes() {
        Random random = new Random(1);
        int taken = 0;
        for (int i = 0; i < 200_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int pieces = 1 + random.nextInt(7); pieces > 0; pieces--) {
                text.append(PIECES[random.nextInt(PIECES.length)]);
            }
            String ours = outcome(text.toString());
            assertEquals(jacksons(text.toString()), ours, text.toString());
            taken += ours.equals("refused") ? 0 : 1;
        }
        assertTrue(taken > 5_000, taken + " of them were JSON");
    }

    private static Object value(Random random, int depth) {
        return switch (random.nextInt(depth > 4 ? 5 : 7)) {
            case 0 -> null;
            case 1 -> random.nextBoolean();
            case 2 -> random.nextLong() >> random.nextInt(64);
            case 3 -> random.nextGaussian() * Math.pow(10, random.nextInt(600) - 300);
            case 4 -> text(random);
            case 5 -> {
                List<Object> list = new ArrayList<>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    list.add(value(random, depth + 1));
                }
                yield list;
            }
            default -> {
                Map<String, Object> map = new LinkedHashMap<>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    map.put(text(random), value(random, depth + 1));
                }
                yield map;
            }
        };
    }

    private static String text(Random random) {
        int[] points = random.ints(random.nextInt(8), 0, 0x3000).map(point ->
                random.nextInt(9) == 0 ? 0x1f600 + point % 50 : point).toArray();
        return new String(points, 0, points.length);
    }

    @Test
    void whatItWritesIsReadAsItWas() throws JsonProcessingException {
        Random random = new Random(2);
        for (int i = 0; i < 20_000; i++) {
            Object value = value(random, 0);
            String line = Json.write(value);
            assertEquals(value, Json.parse(line), line);
            assertEquals(value, plain(JACKSON.readTree(line)), line);
            assertEquals(1, line.lines().count(), "one line");
        }
    }

    @Test
    void aByteThatIsNoTextComesBack() {
        String half = "a\ud83d";
        assertEquals("\"a\\ud83d\"", Json.write(half), "UTF-8 has no form for it");
        assertEquals(half, Json.parse(Json.write(half)));
    }

    @Test
    void whatJsonHasNoFormForIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Json.write(List.of(Double.NaN)));
        assertThrows(IllegalArgumentException.class, () -> Json.parse("1e999"));
        assertThrows(IllegalArgumentException.class, () -> Json.parse("[".repeat(40) + "]".repeat(40)));
        assertEquals("no JSON at character 9: expected '}'", assertThrows(IllegalArgumentException.class,
                () -> Json.parse("{\"a\": 1 \"b\": 2}")).getMessage());
    }

    @Test
    void aNumberBeyondLongIsADouble() {
        assertEquals(9.223372036854775808e18, Json.parse("9223372036854775808"));
        assertEquals(Long.MAX_VALUE, Json.parse("9223372036854775807"));
    }
}
