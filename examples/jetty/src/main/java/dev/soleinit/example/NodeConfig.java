package dev.soleinit.example;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.soleinit.lifecycle.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/**
 * What {@code node.json} and the command line say.
 *
 * @param host     address to listen on, default 0.0.0.0
 * @param port     default 8080; 0 for any
 * @param greeting what {@code /} answers
 * @param gated    sessions pass the work gate; {@code --ungated} shows what is lost without it
 */
record NodeConfig(String host, int port, String greeting, boolean gated) {

    /** The file: {@code {"host": "127.0.0.1", "port": 8080, "greeting": "…"}}, all of it optional. */
    record Content(String host, Integer port, String greeting) {
        static final List<String> KEYS = List.of("host", "port", "greeting");
        static final Content NOTHING = new Content(null, null, null);
    }

    /** Flags {@code --host H --port P} win over the file; a file that is missing says nothing. */
    static NodeConfig load(Path file, List<String> arguments) throws ConfigurationException {
        Content content = Files.exists(file) ? parse(file) : Content.NOTHING;
        String host = content.host() == null ? "0.0.0.0" : content.host();
        int port = content.port() == null ? 8080 : content.port();
        String greeting = content.greeting() == null ? "hello" : content.greeting();
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
        return new NodeConfig(host, port, greeting, gated);
    }

    private static String value(String word, Iterator<String> words) throws ConfigurationException {
        if (!words.hasNext()) {
            throw new ConfigurationException(word + " needs a value");
        }
        return words.next();
    }

    private static int number(String text) {
        return text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : -1;
    }

    private static Content parse(Path file) throws ConfigurationException {
        try {
            Content content = JsonText.MAPPER.readValue(Files.readString(file), Content.class);
            return content == null ? Content.NOTHING : content;
        } catch (UnrecognizedPropertyException unknown) {
            throw new ConfigurationException(file + ": unknown key '" + unknown.getPropertyName()
                    + "'; known are " + Content.KEYS, unknown);
        } catch (MismatchedInputException wrong) {
            throw new ConfigurationException(file + ": " + reason(wrong), wrong);
        } catch (JsonProcessingException broken) {
            int line = broken.getLocation() == null ? 1 : broken.getLocation().getLineNr();
            throw new ConfigurationException(file + " line " + line + ": "
                    + broken.getOriginalMessage(), broken);
        } catch (IOException unreadable) {
            throw new ConfigurationException("Cannot read " + file + ": " + unreadable.getMessage(),
                    unreadable);
        }
    }

    private static String reason(MismatchedInputException wrong) {
        String key = wrong.getPath().isEmpty() ? "" : wrong.getPath().get(0).getFieldName();
        return switch (key) {
            case "" -> "it is no object";
            case "port" -> "'port' must be 0 to 65535";
            default -> "'" + key + "' must be a string";
        };
    }
}
