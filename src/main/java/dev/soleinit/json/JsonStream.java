package dev.soleinit.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Reads a long JSON object without ever holding all of it, whatever it is: the elements of one list are
 * handed over one by one, every other list is passed over, and what is kept of the rest is bounded.
 */
public final class JsonStream {
    private static final int MAX_TEXT = 16 * 1024;
    private static final int MAX_MEMBERS = 100;
    private static final int DEEPEST = 4;
    /** Without the table of names, which would grow with a file that is all names. */
    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder().maxStringLength(MAX_TEXT)
                    .maxNameLength(MAX_TEXT).maxNestingDepth(DEEPEST + 2).build()).build();

    private final JsonParser json;
    private final String list;
    private final Consumer<Map<String, Object>> elements;

    private JsonStream(JsonParser json, String list, Consumer<Map<String, Object>> elements) {
        this.json = json;
        this.list = list;
        this.elements = elements;
    }

    /**
     * Reads one object to its end; returns it without its lists.
     *
     * @param list     the name of the list, wherever it is, whose objects go to {@code elements}
     */
    public static Map<String, Object> read(InputStream in, String list,
            Consumer<Map<String, Object>> elements) throws IOException, JsonException {
        try (JsonParser json = FACTORY.createParser(in)) {
            json.nextToken();
            Map<String, Object> whole = new JsonStream(json, list, elements).object(0);
            if (json.nextToken() != null) {
                throw new JsonException("something follows the object", line(json));
            }
            return whole;
        } catch (JsonProcessingException broken) {
            throw new JsonException(broken.getOriginalMessage(), broken.getLocation() == null ? 1
                    : broken.getLocation().getLineNr());
        }
    }

    private Map<String, Object> object(int depth) throws IOException, JsonException {
        if (json.currentToken() != JsonToken.START_OBJECT || depth > DEEPEST) {
            throw new JsonException("there is no object", line(json));
        }
        Map<String, Object> members = new LinkedHashMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            JsonToken token = json.nextToken();
            if (token == JsonToken.START_ARRAY) {
                array(name.equals(list), depth);
            } else if (members.size() == MAX_MEMBERS || members.containsKey(name)) {
                throw new JsonException("an object has too many members, or one twice", line(json));
            } else {
                members.put(name, token == JsonToken.START_OBJECT ? object(depth + 1)
                        : Json.value(json, DEEPEST));
            }
        }
        return members;
    }

    private void array(boolean wanted, int depth) throws IOException, JsonException {
        if (!wanted) {
            json.skipChildren();
            return;
        }
        while (json.nextToken() != JsonToken.END_ARRAY) {
            elements.accept(object(depth + 1));
        }
    }

    private static int line(JsonParser json) {
        return json.currentTokenLocation().getLineNr();
    }
}
