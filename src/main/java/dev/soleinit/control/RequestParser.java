package dev.soleinit.control;

import dev.soleinit.control.Request.Condition;
import dev.soleinit.control.Request.Overlap;
import dev.soleinit.control.text.Printing;
import dev.soleinit.json.Json;
import dev.soleinit.json.JsonException;
import dev.soleinit.process.RestartMode;
import dev.soleinit.process.Signal;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Turns a line into a request, or says which standard error it is. Stateless. */
public final class RequestParser {
    static final List<String> METHODS = List.of("status", "start", "stop",
            "restart.request", "restart.preflight", "reload", "signal", "wait", "events.subscribe");
    private static final int MAX_REASON = 500;

    /**
     * A request with the id to answer under; without one nobody wants an answer.
     *
     * @param printing in what words, if not as an object
     */
    public record Line(Optional<Object> id, Request request, Caller.Origin origin, String reason,
            Optional<Printing> printing) {
        public Line(DaemonMessage message) {
            this(Optional.empty(), message, Caller.Origin.DAEMON, "", Optional.empty());
        }
    }

    private RequestParser() {}

    public static Map<?, ?> object(String line) throws BadRequest {
        try {
            if (Json.parse(line) instanceof Map<?, ?> map) {
                return map;
            }
            throw new BadRequest(ErrorCodes.INVALID_REQUEST, "a request is one object a line; "
                    + "batches are not taken");
        } catch (JsonException broken) {
            throw new BadRequest(ErrorCodes.PARSE, "not JSON: " + broken.getMessage());
        }
    }

    /** The id of a request, as far as it is one. */
    public static Optional<Object> id(Map<?, ?> object) {
        Object id = object.get("id");
        return id instanceof String || id instanceof Number ? Optional.of(id) : Optional.empty();
    }

    public static Line read(Map<?, ?> object) throws BadRequest {
        if (!"2.0".equals(object.get("jsonrpc"))) {
            throw new BadRequest(ErrorCodes.INVALID_REQUEST, "\"jsonrpc\" must be \"2.0\"");
        }
        Optional<DaemonMessage> answer = answer(object);
        if (answer.isPresent()) {
            return new Line(answer.get());
        }
        if (!(object.get("method") instanceof String method)) {
            throw new BadRequest(ErrorCodes.INVALID_REQUEST, "\"method\" must be a string");
        }
        Params params = new Params(object.get("params"));
        Caller.Origin origin = params.text("door").filter(Caller.Origin.CLI.word()::equals)
                .map(_ -> Caller.Origin.CLI).orElse(Caller.Origin.SOCKET);
        String reason = shortened(params.text("reason").orElse(""));
        Optional<Printing> printing = printing(method, params);
        String asked = printing.isPresent() ? printing.get().method() : method;
        Request request = request(asked, params, reason);
        params.rejectUnknown();
        return new Line(id(object), request, origin, reason, printing);
    }

    /** What only the launcher asks for: no method of its own, but another form of the answer. */
    private static Optional<Printing> printing(String method, Params params) throws BadRequest {
        Optional<String> meant = Printing.method(method);
        return meant.isEmpty() ? Optional.empty()
                : Optional.of(new Printing(meant.get(), params.flag("json", false)));
    }

    private static String shortened(String text) {
        return text.length() <= MAX_REASON ? text : text.substring(0, MAX_REASON);
    }

    private static Request request(String method, Params params, String reason) throws BadRequest {
        return switch (method) {
            case "status" -> new Request.Status();
            case "start" -> new Request.Start(params.flag("block", true));
            case "stop" -> new Request.Stop(params.flag("block", true));
            case "restart.request" -> restart(params, reason);
            case "restart.preflight" -> new Request.Preflight(ignored(params));
            case "reload" -> new Request.Reload(reason, params.flag("block", true),
                    !params.flag("check", true));
            case "signal" -> new Request.SendSignal(signal(params));
            case "wait" -> waiting(params);
            case "events.subscribe" -> new Request.Subscribe(params.flag("follow", true),
                    params.number("since"));
            default -> {
                if (DaemonMessageParser.METHODS.contains(method)) {
                    yield DaemonMessageParser.read(method, params);
                }
                throw new BadRequest(ErrorCodes.NO_METHOD, "unknown method '" + method
                        + "'; known are " + METHODS + " and, for the daemon, "
                        + DaemonMessageParser.METHODS);
            }
        };
    }

    private static Request restart(Params params, String reason) throws BadRequest {
        boolean safe = params.flag("safe", false);
        boolean force = params.flag("force", false);
        if (safe && force) {
            throw new BadRequest(ErrorCodes.INVALID_PARAMS, "safe and force exclude each other: "
                    + "drop one of them");
        }
        boolean assumeIdle = params.flag("assumeIdle", false);
        if (assumeIdle && !safe) {
            throw new BadRequest(ErrorCodes.INVALID_PARAMS, "assumeIdle says something of a safe "
                    + "restart only: add safe, or drop it");
        }
        RestartMode mode = params.flag("graceful", true) ? RestartMode.GRACEFUL : RestartMode.IMMEDIATE;
        return new Request.Restart(safe ? RestartMode.SAFE : force ? RestartMode.FORCE : mode,
                params.seconds("timeout"), params.seconds("wait"), ignored(params), reason,
                params.strings("arguments"), params.flag("block", true), assumeIdle,
                !params.flag("check", true), overlap(params));
    }

    private static Optional<Overlap> overlap(Params params) throws BadRequest {
        Optional<String> text = params.text("overlap");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(switch (text.get()) {
            case "no" -> Overlap.NO;
            case "yes" -> Overlap.YES;
            case "if-room" -> Overlap.IF_ROOM;
            case "shared-port" -> Overlap.SHARED_PORT;
            case "if-room,shared-port" -> Overlap.IF_ROOM_SHARED_PORT;
            default -> throw new BadRequest(ErrorCodes.INVALID_PARAMS, "parameter 'overlap' must be no, "
                    + "yes, if-room, shared-port or if-room,shared-port");
        });
    }

    private static Set<String> ignored(Params params) throws BadRequest {
        Set<String> ids = new HashSet<>(params.strings("ignoreBlockers").orElse(List.of()));
        params.text("ownWork").ifPresent(ids::add);
        return ids;
    }

    /** An answer of the daemon's to what the supervisor asked. */
    private static Optional<DaemonMessage> answer(Map<?, ?> object) {
        if (object.containsKey("method") || !(object.get("id") instanceof Long id)
                || !object.containsKey("result") && !object.containsKey("error")) {
            return Optional.empty();
        }
        Object error = object.get("error");
        String message = error instanceof Map<?, ?> map ? String.valueOf(map.get("message"))
                : String.valueOf(error);
        return Optional.of(new DaemonMessage.Answer(id, error == null ? Optional.empty()
                : Optional.of(shortened(message))));
    }

    private static Signal signal(Params params) throws BadRequest {
        try {
            return Signal.parse(params.text("signal").orElse(""));
        } catch (IllegalArgumentException unknown) {
            throw new BadRequest(ErrorCodes.INVALID_PARAMS, unknown.getMessage());
        }
    }

    private static Request waiting(Params params) throws BadRequest {
        String text = params.text("condition").orElse("ready");
        Condition condition = switch (text) {
            case "ready" -> Condition.READY;
            case "stopped" -> Condition.STOPPED;
            case "generation" -> Condition.GENERATION;
            case "settled" -> Condition.SETTLED;
            default -> throw new BadRequest(ErrorCodes.INVALID_PARAMS, "parameter 'condition' must "
                    + "be ready, stopped, generation or settled");
        };
        return new Request.Wait(condition, params.number("generation").orElse(0L),
                params.seconds("timeout"));
    }
}
