package dev.soleinit.example;

import dev.soleinit.json.Json;
import dev.soleinit.json.JsonException;
import dev.soleinit.lifecycle.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * What {@code node.json} says: {@code {"host": "127.0.0.1", "port": 8080, "greeting": "…"}}, all of
 * it optional.
 *
 * @param host     address to listen on, default 0.0.0.0
 * @param port     default 8080; 0 for any
 * @param greeting what {@code /} answers
 * @param gated    sessions pass the work gate; {@code --ungated} shows what is lost without it
 */
record NodeConfig(String host, int port, String greeting, boolean gated) {
    private static final List<String> KEYS = List.of("host", "port", "greeting");

    /** Flags {@code --host H --port P} win over the file; a file that is missing says nothing. */
    static NodeConfig load(Path file, List<String> arguments) throws ConfigurationException {
        Map<?, ?> given = Files.exists(file) ? parse(file) : Map.of();
        String host = text(file, given, "host", "0.0.0.0");
        long port = given.get("port") instanceof Long number ? number
                : given.containsKey("port") ? -1 : 8080;
        boolean gated = true;
        Iterator<String> words = arguments.iterator();
        while (words.hasNext()) {
            String word = words.next();
            switch (word) {
                case "--ungated" -> gated = false;
                case "--host" -> host = value(word, words);
                case "--port" -> port = number(value(word, words));
                case "--config" -> value(word, words);
                default -> throw new ConfigurationException("unknown argument '" + word
                        + "'; known are --config, --host, --port and --ungated");
            }
        }
        if (port < 0 || port > 65_535) {
            throw new ConfigurationException(file + ": 'port' must be 0 to 65535");
        }
        return new NodeConfig(host, (int) port, text(file, given, "greeting", "hello"), gated);
    }

    private static String value(String word, Iterator<String> words) throws ConfigurationException {
        if (!words.hasNext()) {
            throw new ConfigurationException(word + " needs a value");
        }
        return words.next();
    }

    private static Map<?, ?> parse(Path file) throws ConfigurationException {
        try {
            if (!(Json.parse(Files.readString(file)) instanceof Map<?, ?> map)) {
                throw new ConfigurationException(file + ": it is no object");
            }
            for (Object key : map.keySet()) {
                if (!KEYS.contains(key)) {
                    throw new ConfigurationException(file + ": unknown key '" + key + "'; known are "
                            + KEYS);
                }
            }
            return map;
        } catch (JsonException broken) {
            throw new ConfigurationException(file + " line " + broken.line() + ": "
                    + broken.getMessage(), broken);
        } catch (IOException unreadable) {
            throw new ConfigurationException("Cannot read " + file + ": " + unreadable.getMessage(),
                    unreadable);
        }
    }

    private static String text(Path file, Map<?, ?> given, String key, String otherwise)
            throws ConfigurationException {
        Object value = given.containsKey(key) ? given.get(key) : otherwise;
        if (value instanceof String text) {
            return text;
        }
        throw new ConfigurationException(file + ": '" + key + "' must be a string");
    }

    private static long number(String text) {
        return text.matches("[0-9]{1,5}") ? Long.parseLong(text) : -1;
    }
}
