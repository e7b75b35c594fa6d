package dev.soleinit.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.lifecycle.EmbeddedLifecycle;
import dev.soleinit.lifecycle.InheritedDescriptor;
import jakarta.servlet.Filter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.Ordered;

/** A web server on a socket that is kept: who connects is served by it, or by the next one. */
class KeptSocketTest {
    private static final String[] PACKAGES = {"org.springframework.boot.web.embedded.%1$s.%2$s",
        "org.springframework.boot.%1$s.servlet.%2$s", "org.springframework.boot.reactor.%1$s.%2$s"};

    private static final String SLOW = "test.filter-ms";
    private static final byte[] REQUEST = ("GET /plain/0 HTTP/1.1\r\nHost: localhost\r\n"
            + "Connection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII);

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
            WebApplicationType type, Object... more) throws Exception {
        Map<String, Object> all = new LinkedHashMap<>(supervisor.environment());
        all.putAll(Map.of("LISTEN_FDS", "1", "LISTEN_PID", "" + ProcessHandle.current().pid(),
                "LISTEN_FDNAMES", "http", "server.port", "" + port, "spring.main.banner-mode", "off",
                "soleinit.scheduled.enabled", "false", "logging.level.root", "warn"));
        for (int i = 0; i < more.length; i += 2) {
            all.put((String) more[i], more[i + 1]);
        }
        Method value = kept.getClass().getMethod("getFDVal");
        value.setAccessible(true);
        EmbeddedLifecycle lifecycle = InheritedDescriptor.lifecycle(all.entrySet().stream().collect(
                Collectors.toMap(Map.Entry::getKey, one -> one.getValue().toString())),
                (int) value.invoke(kept));
        return new SpringApplicationBuilder(TestApplication.class).web(type).properties(all)
                .initializers((GenericApplicationContext context) -> {
                    context.registerBean("lifecycle", EmbeddedLifecycle.class, () -> lifecycle);
                    context.registerBean("server", type(server, factory));
                    if (all.containsKey(SLOW)) {
                        context.registerBean("slow", FilterRegistrationBean.class, () -> slow(
                                Long.parseLong(all.get(SLOW).toString())));
                    }
                }).run();
    }

    /** Before all other filters, so that what is refused takes its time, too. */
    private static FilterRegistrationBean<Filter> slow(long ms) {
        FilterRegistrationBean<Filter> filter = new FilterRegistrationBean<>((request, answer, chain) -> {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(ms));
            chain.doFilter(request, answer);
        });
        filter.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return filter;
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

    /** More than its threads can take are accepted; at 40 ms each, these need two seconds. */
    @SuppressWarnings("try")
    @ParameterizedTest
    @ValueSource(strings = {"Tomcat", "Jetty"})
    void whoWasAcceptedIsAnsweredHoweverLongTheQueue(String server) throws Exception {
        List<Socket> clients = new ArrayList<>();
        try (ConfigurableApplicationContext context = start(server.toLowerCase(),
                server + "ServletWebServerFactory", WebApplicationType.SERVLET,
                "server.tomcat.threads.max", "1", "server.jetty.threads.min", "4",
                "server.jetty.threads.max", "4", SLOW, "40")) {
            for (int i = 0; i < 50; i++) {
                Socket client = new Socket("127.0.0.1", port);
                client.setSoTimeout(10_000);
                client.getOutputStream().write(REQUEST);
                clients.add(client);
            }
            for (int i = 0; i < 1_000 && waiting() != 0; i++) {
                Thread.sleep(5);
            }
            assertEquals(0, waiting(), "all are accepted");
            supervisor.tell("fence", "{}");
        }
        Map<String, Integer> ends = new TreeMap<>();
        for (Socket client : clients) {
            ends.merge(statusOf(client), 1, Integer::sum);
        }
        assertTrue(Set.of("200", "503").containsAll(ends.keySet()), () -> "of 50: " + ends);
        assertTrue(ends.containsKey("503"), () -> "the queue was worked off before the fence: " + ends);
    }

    /** What the answer's first line says, or how there came none. */
    private static String statusOf(Socket client) {
        try (client) {
            String line = new BufferedReader(new InputStreamReader(client.getInputStream())).readLine();
            return line == null ? "closed" : line.split(" ")[1];
        } catch (IOException cut) {
            return cut.getMessage();
        }
    }

    /** How many connections to the kept socket nobody has accepted, as the kernel has it; -1 before any came. */
    private long waiting() throws IOException {
        String local = String.format(":%04X", port);
        for (String table : List.of("/proc/net/tcp6", "/proc/net/tcp")) {
            for (String line : Files.readAllLines(Path.of(table))) {
                String[] fields = line.trim().split(" +");
                if (fields[1].endsWith(local) && fields[3].equals("0A")) {
                    return Long.parseLong(fields[4].split(":")[1], 16);
                }
            }
        }
        return -1;
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
