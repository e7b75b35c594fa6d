package dev.soleinit.supervisor.children;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.config.Configuration;
import dev.soleinit.config.ConfigException;
import dev.soleinit.config.loading.ConfigurationLoader;
import dev.soleinit.os.DescriptorStore;
import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.SpawnRequest;
import dev.soleinit.os.Kernel.SpawnResult;
import dev.soleinit.supervisor.inbox.NotifyAddresses;
import dev.soleinit.supervisor.startup.DaemonVariables;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What was prepared is started, and nothing that has become wrong meanwhile. */
class SpawnerTest {
    private final List<SpawnRequest> prepared = new ArrayList<>();
    private final List<SpawnRequest> started = new ArrayList<>();
    private List<String> stored = List.of();
    private final Spawner spawner = spawner();

    private Spawner spawner() {
        try {
            Configuration configuration = ConfigurationLoader.load(Map.of("run-dir", List.of("/tmp/none")),
                    Map.of(), List.of("/bin/daemon"));
            return new Spawner(os(), configuration, new ChildEnvironment(configuration, List.of("A=b"), Map.of(),
                    new DaemonVariables(Map.of(), java.util.Set.of()), NotifyAddresses.in(Path.of("/tmp/none"))),
                    Optional.empty());
        } catch (ConfigException wrong) {
            throw new IllegalArgumentException(wrong);
        }
    }

    private Kernel os() {
        return fake(Kernel.class, (name, first) -> switch (name) {
            case "hasTerminal" -> false;
            case "descriptorStore" -> fake(DescriptorStore.class, (_, _) -> stored);
            case "prepare" -> prepared.add((SpawnRequest) first) ? null : null;
            case "spawn" -> started.add((SpawnRequest) first) ? new SpawnResult.Started(7, 1) : null;
            default -> throw new UnsupportedOperationException(name);
        });
    }

    private interface Answers {
        Object to(String method, Object first);
    }

    private static <T> T fake(Class<T> type, Answers answers) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type},
                (_, method, arguments) -> answers.to(method.getName(), arguments == null ? null : arguments[0])));
    }

    private SpawnRequest start(long generation, Optional<List<String>> arguments) {
        return start(generation, arguments, false);
    }

    private SpawnRequest start(long generation, Optional<List<String>> arguments, boolean beside) {
        String token = spawner.newToken();
        spawner.start(generation, arguments, token, beside);
        SpawnRequest request = started.getLast();
        assertTrue(request.environment().contains("DAEMON_TOKEN=" + token), "who attaches is known by it");
        assertTrue(request.environment().contains("DAEMON_GENERATION=" + generation));
        assertTrue(request.environment().contains("INVOCATION_ID=" + spawner.invocationId()));
        return request;
    }

    @Test
    void whatWasPreparedIsStartedOnce() {
        spawner.prepare(3, Optional.empty());
        spawner.prepare(3, Optional.empty());
        assertEquals(1, prepared.size(), "it waits for the disk in several turns");
        assertSame(prepared.getFirst(), start(3, Optional.empty()));
        SpawnRequest next = start(4, Optional.empty());
        assertNotSame(prepared.getFirst(), next);
        assertEquals(2, started.stream().map(SpawnRequest::environment).distinct().count(), "other ids");
    }

    @Test
    void anotherNumberOtherArgumentsOrAnotherStoreIsNotWhatWasPrepared() {
        spawner.prepare(3, Optional.empty());
        assertNotSame(prepared.getLast(), start(4, Optional.empty()));
        spawner.prepare(5, Optional.empty());
        SpawnRequest other = start(5, Optional.of(List.of("--port", "1")));
        assertEquals(List.of("/bin/daemon", "--port", "1"), other.command());
        spawner.prepare(6, Optional.empty());
        stored = List.of("connection");
        SpawnRequest withStore = start(6, Optional.empty());
        assertTrue(withStore.environment().contains("LISTEN_FDS=1"), withStore.environment().toString());
    }

    @Test
    void oneBesideAnotherSharesWhatIsKept() {
        spawner.prepare(3, Optional.empty());
        assertEquals(Kernel.Passed.SHARED, start(3, Optional.empty(), true).passed());
        assertEquals(Kernel.Passed.ALONE, start(4, Optional.empty()).passed());
    }

    @Test
    void aRehearsalUsesNothingUpAndReplacesNothing() {
        spawner.prepare();
        List<String> ids = List.of(spawner.newToken(), spawner.newToken());
        assertEquals(2, ids.stream().distinct().count());
        spawner.prepare(3, Optional.empty());
        spawner.rehearse();
        assertSame(prepared.getFirst(), start(3, Optional.empty()));
        spawner.rehearse();
        assertEquals(1, started.size());
    }
}
