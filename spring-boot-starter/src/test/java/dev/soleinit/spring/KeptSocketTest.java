package dev.soleinit.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.lifecycle.EmbeddedLifecycle;
import dev.soleinit.lifecycle.InheritedDescriptor;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/** A web server on a socket that is kept: who connects is served by it, or by the next one. */
class KeptSocketTest {
    private static final String[] PACKAGES = {"org.springframework.boot.web.embedded.%1$s.%2$s",
        "org.springframework.boot.%1$s.servlet.%2$s", "org.springframework.boot.reactor.%1$s.%2$s"};

    @TempDir
    Path dir;

    private FakeSupervisor supervisor;
    private ServerSocketChannel kept;
    private int port;

    @BeforeEach
    void keep() throws Exception {
        supervisor = new FakeSupervisor(dir);
        kept = ServerSocketChannel.open().bind(new InetSocketAddress(0), 100);
        port = ((InetSocketAddress) kept.getLocalAddress()).getPort();
    }

    @AfterEach
    void end() throws Exception {
        kept.close();
        supervisor.close();
    }

    private ConfigurableApplicationContext start(String server, String factory,
            WebApplicationType type) throws Exception {
        Map<String, Object> all = new LinkedHashMap<>(supervisor.environment());
        all.putAll(Map.of("LISTEN_FDS", "1", "LISTEN_PID", "" + ProcessHandle.current().pid(),
                "LISTEN_FDNAMES", "http", "server.port", "" + port, "spring.main.banner-mode", "off",
                "soleinit.scheduled.enabled", "false", "logging.level.root", "warn"));
        Method value = kept.getClass().getMethod("getFDVal");
        value.setAccessible(true);
        EmbeddedLifecycle lifecycle = InheritedDescriptor.lifecycle(all.entrySet().stream().collect(
                Collectors.toMap(Map.Entry::getKey, one -> one.getValue().toString())),
                (int) value.invoke(kept));
        return new SpringApplicationBuilder(TestApplication.class).web(type).properties(all)
                .initializers((GenericApplicationContext context) -> {
                    context.registerBean("lifecycle", EmbeddedLifecycle.class, () -> lifecycle);
                    context.registerBean("server", type(server, factory));
                }).run();
    }

    /** The package is another one in each version of Boot. */
    @SuppressWarnings("unchecked")
    private static Class<Object> type(String server, String name) {
        for (String form : PACKAGES) {
            try {
                return (Class<Object>) Class.forName(String.format(form, server, name));
            } catch (ClassNotFoundException otherVersion) {
                // the next one
            }
        }
        throw new IllegalArgumentException(name);
    }

    @SuppressWarnings("try")
    @ParameterizedTest
    @ValueSource(strings = {"Tomcat", "Jetty"})
    void whoConnectsIsServedByThisLifeOrTheNext(String server) throws Exception {
        String factory = server + "ServletWebServerFactory";
        Http http = new Http(port);
        CompletableFuture<Http.Answer> early = http.later("/plain/1");
        CompletableFuture<Http.Answer> waiting;
        try (ConfigurableApplicationContext context = start(server.toLowerCase(), factory,
                WebApplicationType.SERVLET)) {
            assertEquals(200, early.get(10, TimeUnit.SECONDS).code(), "before it was there");
            for (int i = 0; i < 20; i++) {
                assertEquals(200, http.get("/plain/1").code());
            }
            for (int i = 0; i < 3; i++) {
                supervisor.tell("fence", "{}");
                CompletableFuture<Http.Answer> held = http.later("/plain/1");
                Thread.sleep(150);
                assertFalse(held.isDone(), "in a fence a connection waits");
                supervisor.tell("unfence", "{}");
                assertEquals(200, held.get(10, TimeUnit.SECONDS).code());
            }
            CompletableFuture<Http.Answer> running = http.later("/plain/500");
            supervisor.expect("work.begin", "GET /plain/500");
            supervisor.tell("fence", "{}");
            waiting = http.later("/plain/2");
            Thread.sleep(50);
            context.close();
            assertEquals(200, running.get(1, TimeUnit.SECONDS).code());
            assertFalse(waiting.isDone(), "a life that ends takes nobody with it");
        }
        try (ConfigurableApplicationContext next = start(server.toLowerCase(), factory,
                WebApplicationType.SERVLET)) {
            assertTrue(next.isActive());
            assertEquals(200, waiting.get(10, TimeUnit.SECONDS).code());
        }
    }

    @Test
    void whatCannotTakeOneOverSaysSo() {
        Throwable failed = assertThrows(RuntimeException.class, () -> start("netty",
                "NettyReactiveWebServerFactory", WebApplicationType.REACTIVE).close());
        while (failed.getCause() != null) {
            failed = failed.getCause();
        }
        assertEquals("NettyReactiveWebServerFactory cannot take over the socket that is kept for port "
                + port + ": keep none (--listen), or use Tomcat or Jetty", failed.getMessage());
    }
}
