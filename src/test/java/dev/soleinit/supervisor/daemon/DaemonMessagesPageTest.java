package dev.soleinit.supervisor.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.soleinit.control.Caller;
import dev.soleinit.control.DaemonMessage;
import dev.soleinit.control.IncomingRequest;
import dev.soleinit.control.ReplyTo;
import dev.soleinit.docs.Generated;
import dev.soleinit.process.Child;
import dev.soleinit.statemachine.SupervisorStateMachine;
import dev.soleinit.statemachine.model.DaemonCommand;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.settings.Policy;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.storage.RestartManifest.Entry;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code docs/protocol.md} lists all that a daemon hears, with the fields and types really sent. */
class DaemonMessagesPageTest {
    private static final Path PAGE = Path.of("docs/protocol.md");
    private static final List<DaemonCommand> COMMANDS = List.of(new DaemonCommand.Fence(DaemonCommand.OVERLAP),
            new DaemonCommand.Unfence(), new DaemonCommand.Drain(Duration.ofSeconds(1)),
            new DaemonCommand.Reload(2), new DaemonCommand.Stopping("a restart", Duration.ofSeconds(1)));
    private static final Map<String, String> TOLD = Map.of(
            "fence", "Take no new work. The answer means: nothing begins any more. With `reason` \"overlap\" the "
                    + "next generation serves on the same socket: stop accepting, let begin what has been "
                    + "accepted, then answer. A server that cannot stop accepting refuses nobody.",
            "unfence", "Take new work again.",
            "drain", "The same as `fence`; say `drained` when the last piece has ended, or at once if "
                    + "there is none. After a fence with `reason` \"overlap\", as that one.",
            "reload", "Rebuild yourself, then say `ready` with that generation, or `failed`. An `error` "
                    + "for an answer means failed, too.",
            "stopping", "Nothing: the stop signal comes next.",
            "resume", "Nothing: a generation beside which it was started has left work, or it asked while it was "
                    + "fenced; claim it now.");

    private record Sent(String method, Map<?, ?> params) {}

    private final List<Sent> sent = new ArrayList<>();

    /** Keeps what goes to the daemon. */
    private ReplyTo line() {
        return (ReplyTo) Proxy.newProxyInstance(ReplyTo.class.getClassLoader(),
                new Class<?>[] {ReplyTo.class}, (self, method, given) -> {
                    if (method.getName().equals("request")) {
                        sent.add(new Sent((String) given[1], (Map<?, ?>) given[2]));
                    } else if (method.getName().equals("result")) {
                        sent.add(new Sent("result", (Map<?, ?>) given[0]));
                    }
                    return switch (method.getName()) {
                        case "connection" -> "the connection";
                        case "isClosed" -> false;
                        default -> null;
                    };
                });
    }

    private static State running() {
        Child child = new Child(1, 2, 3);
        State state = State.initial(Policy.defaults(), 0, 0);
        for (Event event : new Event[] {new Event.Booted(),
            new Event.GenerationPersisted(1, Optional.empty()), new Event.Forked(child),
            new Event.Spawned(child)}) {
            state = SupervisorStateMachine.step(state, event, 0, 0.5).state();
        }
        return state;
    }

    private Map<?, ?> answer(DaemonConnection connection, DaemonMessage word, ReplyTo line) {
        sent.clear();
        connection.onMessage(new IncomingRequest(word, new Caller("", Caller.Origin.SOCKET, "the daemon"), line),
                running(), 0);
        return sent.getLast().params();
    }

    private DaemonConnection connection(Path dir) {
        DaemonConnection connection = new DaemonConnection(new InterruptedWorkStore(dir, log -> { }), null,
                null, "instance", Duration.ofSeconds(10));
        connection.expectDaemon(1, "token");
        return connection;
    }

    @Test
    void thePageListsWhatADaemonIsTold(@TempDir Path dir) throws IOException {
        assertEquals(DaemonCommand.class.getPermittedSubclasses().length, COMMANDS.size());
        DaemonConnection connection = connection(dir);
        answer(connection, new DaemonMessage.Attach("token", 1, 1), line());
        sent.clear();
        COMMANDS.forEach(command -> connection.send(1, command));
        sent.add(new Sent("resume", Map.of("candidates", 1L)));
        assertEquals(new TreeSet<>(TOLD.keySet()),
                sent.stream().map(Sent::method).collect(Collectors.toCollection(TreeSet::new)));
        StringBuilder table = new StringBuilder("| method | params | what the daemon does before it answers |\n"
                + "|---|---|---|\n");
        sent.forEach(one -> table.append("| `").append(one.method()).append("` | ")
                .append(fields(one.params(), Map.of())).append(" | ").append(TOLD.get(one.method()))
                .append(" |\n"));
        Generated.check(PAGE, "what the daemon is told", table.toString());
    }

    @Test
    void thePageListsWhatADaemonIsAnswered(@TempDir Path dir) throws IOException {
        DaemonConnection connection = connection(dir);
        ReplyTo line = line();
        String attach = fields(answer(connection, new DaemonMessage.Attach("token", 1, 1), line), Map.of());
        for (DaemonMessage plain : List.of(new DaemonMessage.WorkEnd("a"), new DaemonMessage.Drained(),
                new DaemonMessage.Ready(Optional.empty()), new DaemonMessage.Failed(""),
                new DaemonMessage.WorkReport(List.of()))) {
            assertEquals(Map.of(), answer(connection, plain, line), plain.toString());
        }
        Map<String, Object> candidate = InterruptedWorkStore.fields(new Entry("a", "task", "words", true,
                Optional.empty(), 1, Instant.EPOCH, 0, 1));
        Generated.check(PAGE, "what the daemon is answered", "| to | fields of the result |\n|---|---|\n"
                + "| `attach` | " + attach + " |\n"
                + "| `resume.claim` | `candidate`: null, or an object of "
                + fields(candidate, Map.of("checkpoint", "string or null", "deadline", "string, ISO 8601"))
                + " |\n| `resume.confirm` | " + fields(Map.of("known", true), Map.of()) + " |\n"
                + "| all others | none |\n");
    }

    private static String fields(Map<?, ?> params, Map<String, String> special) {
        Map<Object, Object> ordered = params.size() > 2 ? new LinkedHashMap<>(params)
                : new java.util.TreeMap<>(params);
        return ordered.entrySet().stream().map(field -> "`" + field.getKey() + "` ("
                + special.getOrDefault(field.getKey(), type(field.getValue())) + ")")
                .collect(Collectors.joining(", "));
    }

    private static String type(Object value) {
        return Stream.of(Map.entry(Long.class, "integer"), Map.entry(String.class, "string"),
                Map.entry(Boolean.class, "true or false")).filter(one -> one.getKey().isInstance(value))
                .map(Map.Entry::getValue).findFirst().orElse("null");
    }
}
