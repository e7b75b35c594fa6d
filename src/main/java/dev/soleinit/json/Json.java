package dev.soleinit.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads and writes JSON text. Numbers are Long where they fit, else Double. */
public final class Json {
    private static final JsonFactory FACTORY = new JsonFactoryBuilder().characterEscapes(new Escapes())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
    /** Deeper nesting is no message of ours. */
    private static final int DEEPEST = 32;

    /** A member of the outermost object and the line it stands in, from 1. */
    public record Member(String name, Object value, int line) {}

    private Json() {}

    /**
     * Begins to load what parsing needs, on a thread of its own: Jackson's parser refers to a
     * BigDecimal, and that class of the JDK first computes 5 to the power of 65,536.
     */
    public static void prepare() {
        try {
            Thread.ofPlatform().daemon().name("json").start(() -> BigDecimal.valueOf(0));
        } catch (OutOfMemoryError noThread) {
            // then it is loaded by whoever parses first
        }
    }

    /** One line without a line break. */
    public static String write(Object value) {
        StringWriter out = new StringWriter(256);
        try (JsonGenerator json = FACTORY.createGenerator(out)) {
            write(json, value);
        } catch (IOException never) {
            throw new IllegalStateException(never);
        }
        return escapeLoneSurrogates(out.toString());
    }

    /**
     * A byte that is no text stands as a lone surrogate, which UTF-8 has no form for, but JSON has: the
     * reader gets it back as it was.
     */
    private static String escapeLoneSurrogates(String json) {
        StringBuilder escaped = null;
        for (int i = 0; i < json.length(); i++) {
            char one = json.charAt(i);
            boolean pair = Character.isHighSurrogate(one) && i + 1 < json.length()
                    && Character.isLowSurrogate(json.charAt(i + 1));
            if (Character.isSurrogate(one) && !pair && escaped == null) {
                escaped = new StringBuilder(json.length() + 64).append(json, 0, i);
            }
            if (escaped != null && Character.isSurrogate(one) && !pair) {
                escaped.append("\\u").append(Integer.toHexString(one));
            } else if (escaped != null) {
                escaped.append(one);
                if (pair) {
                    escaped.append(json.charAt(i + 1));
                }
            }
            i += pair ? 1 : 0;
        }
        return escaped == null ? json : escaped.toString();
    }

    /** No switch over types: that is code that the JVM makes anew in each process. */
    private static void write(JsonGenerator json, Object value) throws IOException {
        if (value == null) {
            json.writeNull();
        } else if (value instanceof Boolean flag) {
            json.writeBoolean(flag);
        } else if (value instanceof Double number) {
            json.writeNumber(number);
        } else if (value instanceof Integer || value instanceof Long) {
            json.writeNumber(((Number) value).longValue());
        } else if (value instanceof List<?> list) {
            json.writeStartArray();
            for (Object element : list) {
                write(json, element);
            }
            json.writeEndArray();
        } else if (value instanceof Map<?, ?> map) {
            json.writeStartObject();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                json.writeFieldName(entry.getKey().toString());
                write(json, entry.getValue());
            }
            json.writeEndObject();
        } else {
            json.writeString(value.toString());
        }
    }

    /** Parses one value; anything after it is an error. */
    public static Object parse(String text) throws JsonException {
        try (JsonParser json = FACTORY.createParser(text)) {
            json.nextToken();
            Object value = value(json, 0);
            if (json.nextToken() != null) {
                throw new JsonException("something follows the value", line(json));
            }
            return value;
        } catch (JsonProcessingException broken) {
            throw broken(broken);
        } catch (IOException never) {
            throw new IllegalStateException(never);
        }
    }

    /** Parses an object and tells the line of each of its members. */
    public static List<Member> members(String text) throws JsonException {
        try (JsonParser json = FACTORY.createParser(text)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new JsonException("it is not an object: begin with {", 1);
            }
            List<Member> members = new ArrayList<>();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                int line = line(json);
                json.nextToken();
                members.add(new Member(name, value(json, 1), line));
            }
            if (json.nextToken() != null) {
                throw new JsonException("something follows the object", line(json));
            }
            return members;
        } catch (JsonProcessingException broken) {
            throw broken(broken);
        } catch (IOException never) {
            throw new IllegalStateException(never);
        }
    }

    static Object value(JsonParser json, int depth) throws IOException, JsonException {
        if (depth > DEEPEST) {
            throw new JsonException("nested deeper than " + DEEPEST, line(json));
        }
        JsonToken token = json.currentToken();
        // not as a case: a switch that takes null is code that the JVM makes anew in each process
        if (token == null) {
            throw new JsonException("there is nothing", line(json));
        }
        return switch (token) {
            case START_OBJECT -> object(json, depth);
            case START_ARRAY -> array(json, depth);
            case VALUE_STRING -> json.getText();
            case VALUE_NUMBER_INT -> integer(json);
            case VALUE_NUMBER_FLOAT -> finite(json);
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
                    throw new JsonException("unexpected " + token, line(json));
        };
    }

    private static Object integer(JsonParser json) throws IOException, JsonException {
        return json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                ? (Object) finite(json) : (Object) json.getLongValue();
    }

    /** Infinity is a number that JSON has no form for. */
    private static double finite(JsonParser json) throws IOException, JsonException {
        double number = json.getDoubleValue();
        if (Double.isInfinite(number)) {
            throw new JsonException("a number is too large", line(json));
        }
        return number;
    }

    private static Map<String, Object> object(JsonParser json, int depth)
            throws IOException, JsonException {
        Map<String, Object> map = new LinkedHashMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            map.put(name, value(json, depth + 1));
        }
        return map;
    }

    private static List<Object> array(JsonParser json, int depth)
            throws IOException, JsonException {
        List<Object> list = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            list.add(value(json, depth + 1));
        }
        return list;
    }

    private static JsonException broken(JsonProcessingException broken) {
        int line = broken.getLocation() == null ? 1 : broken.getLocation().getLineNr();
        return new JsonException(broken.getOriginalMessage(), line);
    }

    private static int line(JsonParser json) {
        return json.currentTokenLocation().getLineNr();
    }
}
