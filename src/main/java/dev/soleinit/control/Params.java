package dev.soleinit.control;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The parameters of one request, read strictly: a wrong type or an unknown name is an error. */
final class Params {
    private static final double MAX_SECONDS = 1e9;

    private final Map<?, ?> given;
    private final Set<String> known = new HashSet<>(Set.of("door", "reason"));

    Params(Object params) throws BadRequest {
        if (params != null && !(params instanceof Map<?, ?>)) {
            throw bad("params must be an object");
        }
        given = params == null ? Map.of() : (Map<?, ?>) params;
    }

    private static BadRequest bad(String why) {
        return new BadRequest(ErrorCodes.INVALID_PARAMS, why);
    }

    private <T> Optional<T> get(String name, Class<T> type, String words) throws BadRequest {
        known.add(name);
        Object value = given.get(name);
        if (value != null && !type.isInstance(value)) {
            throw bad("parameter '" + name + "' must be " + words);
        }
        return Optional.ofNullable(type.cast(value));
    }

    boolean flag(String name, boolean otherwise) throws BadRequest {
        return get(name, Boolean.class, "true or false").orElse(otherwise);
    }

    Optional<String> text(String name) throws BadRequest {
        return get(name, String.class, "a string");
    }

    Optional<Long> number(String name) throws BadRequest {
        return get(name, Long.class, "an integer");
    }

    /** Seconds, whole or with a fraction. */
    Optional<Duration> seconds(String name) throws BadRequest {
        Optional<Number> value = get(name, Number.class, "a number of seconds");
        if (value.isEmpty()) {
            return Optional.empty();
        }
        double seconds = value.get().doubleValue();
        if (!(seconds >= 0 && seconds <= MAX_SECONDS)) {
            throw bad("parameter '" + name + "' must be 0 to " + (long) MAX_SECONDS + " seconds");
        }
        return Optional.of(Duration.ofMillis(Math.round(seconds * 1000)));
    }

    Optional<List<String>> strings(String name) throws BadRequest {
        Optional<List<?>> list = get(name, List.class, "a list of strings").map(raw -> (List<?>) raw);
        if (list.isPresent() && !list.get().stream().allMatch(String.class::isInstance)) {
            throw bad("parameter '" + name + "' must be a list of strings");
        }
        return list.map(raw -> raw.stream().map(String.class::cast).toList());
    }

    List<Map<?, ?>> objects(String name) throws BadRequest {
        List<?> list = get(name, List.class, "a list of objects").map(raw -> (List<?>) raw)
                .orElse(List.of());
        List<Map<?, ?>> objects = new ArrayList<>();
        for (Object one : list) {
            if (!(one instanceof Map<?, ?> map)) {
                throw bad("parameter '" + name + "' must be a list of objects");
            }
            objects.add(map);
        }
        return objects;
    }

    /** To be called last: complains about what nobody has read. */
    void rejectUnknown() throws BadRequest {
        for (Object name : given.keySet()) {
            if (!known.contains(name)) {
                throw bad("unknown parameter '" + name + "'; known are " + known.stream().sorted()
                        .toList());
            }
        }
    }
}
