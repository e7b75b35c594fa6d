package dev.soleinit.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.lifecycle.Work;
import dev.soleinit.lifecycle.WorkGate;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.task.TaskRejectedException;

/** A whole application and what its supervisor hears of it: requests, tasks, fence, drain, ready. */
class SupervisedApplicationTest {
    @TempDir
    Path dir;

    private FakeSupervisor supervisor;
    private ConfigurableApplicationContext context;
    private Http http;

    @BeforeEach
    void listen() throws Exception {
        supervisor = new FakeSupervisor(dir);
    }

    private void start(WebApplicationType type, Map<String, Object> properties) throws Exception {
        Map<String, Object> all = new LinkedHashMap<>(supervisor.environment());
        all.putAll(properties);
        context = TestApplication.start(type, all);
        http = new Http(context.getEnvironment().getRequiredProperty("local.server.port", int.class));
        supervisor.expect("\"ready\"", "\"generation\":7");
    }

    private TestApplication.Jobs jobs() {
        return context.getBean(TestApplication.Jobs.class);
    }

    private TestApplication.Seen seen() {
        return context.getBean(TestApplication.Seen.class);
    }

    @AfterEach
    void end() throws Exception {
        if (context != null) {
            context.close();
        }
        supervisor.close();
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, what);
            Thread.sleep(5);
        }
    }

    private ReadinessState readiness() {
        return context.getBean(ApplicationAvailability.class).getReadinessState();
    }

    private void requestsAreWork(WebApplicationType type) throws Exception {
        start(type, Map.of("soleinit.scheduled.enabled", "false", "soleinit.requests.exclude",
                "/plain/**", "soleinit.requests.retry-after", "3s"));
        // the first request waits for what Spring does only then, on the thread of the container
        assertEquals(200, http.get("/slow/1").code());
        CompletableFuture<Http.Answer> slow = http.later("/slow/1500?token=secret");
        String begun = supervisor.expect("work.begin", "\"kind\":\"request\"", "GET /slow/1500\"",
                "\"running\":true");
        supervisor.tell("fence", "{}");
        await("a fence refuses traffic", () -> readiness() == ReadinessState.REFUSING_TRAFFIC);
        Http.Answer refused = http.get("/slow/1");
        assertEquals("503 3", refused.code() + " " + refused.retryAfter());
        assertEquals(List.of("request"), context.getBean(WorkGate.class).open().stream()
                .map(Work::kind).toList(), "it is open until its answer is complete");
        assertEquals(200, http.get("/plain/1").code(), "what is excluded is answered");
        Http.Answer health = http.get("/actuator/health");
        assertEquals(503, health.code());
        assertTrue(health.text().contains("\"fenced\":true"), health.text());
        assertEquals("done", slow.get(10, TimeUnit.SECONDS).text(), "what runs may end");
        supervisor.expect("work.end", begun.replaceAll(".*(\"id\":\"request-7-\\d+\").*", "$1"));
        supervisor.tell("unfence", "{}");
        await("traffic is accepted again", () -> readiness() == ReadinessState.ACCEPTING_TRAFFIC);
        assertEquals(200, http.get("/slow/1").code());
        assertEquals(200, http.get("/actuator/health").code());
        assertTrue(http.get("/actuator/info").text().contains("\"instance\":\"i1\""));
        supervisor.tell("drain", "{\"timeoutMs\":1000}");
        supervisor.expect("\"drained\"");
    }

    @Test
    void requestsOfServletsAreWork() throws Exception {
        requestsAreWork(WebApplicationType.SERVLET);
    }

    @Test
    void requestsOfWebFluxAreWork() throws Exception {
        requestsAreWork(WebApplicationType.REACTIVE);
    }

    @Test
    void tasksAreWorkUntilTheyEnd() throws Exception {
        start(WebApplicationType.SERVLET, Map.of());
        supervisor.expect("work.begin", "\"kind\":\"scheduled\"", "TestApplication$Jobs.tick");
        supervisor.expect("work.end", "\"id\":\"scheduled-7-");
        jobs().later(300);
        String begun = supervisor.expect("work.begin", "\"kind\":\"async\"", "$Jobs.later");
        String id = begun.replaceAll(".*(\"id\":\"async-7-\\d+\").*", "$1");
        WorkGate gate = context.getBean(WorkGate.class);
        assertTrue(gate.open().stream().anyMatch(work -> id.contains(work.id())));
        supervisor.expect("work.end", id);
    }

    @Test
    void whatIsNoWorkIsNotCounted() throws Exception {
        start(WebApplicationType.SERVLET, Map.of("soleinit.requests.enabled", "true"));
        jobs().quietly();
        await("it runs", () -> seen().quietTicks.get() > 1);
        assertFalse(supervisor.hasSaid("quiet"));
        CompletableFuture<Http.Answer> stream = http.later("/stream/600");
        supervisor.expect("work.begin", "GET /stream/600");
        supervisor.expect("work.end", "\"id\":\"request-7-");
        assertFalse(stream.isDone(), "its handler is no work, and let go before it ended");
        assertEquals(200, stream.get(10, TimeUnit.SECONDS).code());
    }

    @Test
    void inAFenceTasksWaitAndWhatRunsMayGoOn() throws Exception {
        start(WebApplicationType.SERVLET, Map.of());
        CompletableFuture<Http.Answer> request = http.later("/delegate");
        assertTrue(seen().inFence.await(10, TimeUnit.SECONDS));
        supervisor.tell("fence", "{}");
        await("no scheduled task runs", () -> context.getBean(WorkGate.class).active() == 1);
        int ticks = seen().ticks.get();
        Thread.sleep(200);
        assertEquals(ticks, seen().ticks.get());
        assertThrows(TaskRejectedException.class, () -> jobs().later(1), "nobody's task");
        supervisor.forget();
        seen().goOn.countDown();
        assertEquals("from another thread", request.get(10, TimeUnit.SECONDS).text(),
                "a task of a request that runs is a part of it");
        assertFalse(supervisor.hasSaid("\"async\""));
        supervisor.tell("unfence", "{}");
        await("and then it does", () -> seen().ticks.get() > ticks);
    }

    @Test
    void whatIsCancelledBeforeItRunsIsNoWorkAnyMore() throws Exception {
        start(WebApplicationType.SERVLET, Map.of("soleinit.scheduled.enabled", "false",
                "spring.task.execution.pool.core-size", "1"));
        jobs().later(2_000);
        CompletableFuture<String> queued = jobs().answer();
        assertTrue(queued.cancel(true));
        WorkGate gate = context.getBean(WorkGate.class);
        await("it has ended", () -> gate.active() < 2);
        assertEquals(List.of("async"), gate.open().stream().map(Work::kind).toList(),
                "what runs goes on");
        await("both have", () -> gate.active() == 0);
    }

    @Test
    void aReloadIsAnsweredAsFailed() throws Exception {
        start(WebApplicationType.SERVLET, Map.of());
        supervisor.tell("reload", "{\"generation\":8}");
        supervisor.expect("\"failed\"", "only at its start");
    }

    @Test
    void aContextThatClosesLetsWorkEnd() throws Exception {
        start(WebApplicationType.SERVLET, Map.of("server.shutdown", "immediate"));
        CompletableFuture<Http.Answer> slow = http.later("/plain/1500");
        supervisor.expect("work.begin", "GET /plain/1500");
        context.close();
        assertEquals(200, slow.get(1, TimeUnit.SECONDS).code());
    }

    @Test
    void theDrainFitsIntoTheTimeOfAPhase() throws Exception {
        start(WebApplicationType.SERVLET, Map.of("server.shutdown", "immediate",
                "spring.lifecycle.timeout-per-shutdown-phase", "300ms"));
        CompletableFuture<Http.Answer> slow = http.later("/plain/4000");
        supervisor.expect("work.begin", "GET /plain/4000");
        long begin = System.nanoTime();
        context.close();
        long took = (System.nanoTime() - begin) / 1_000_000;
        assertTrue(took >= 300 && took < 3_500, "took " + took + " ms");
        assertFalse(slow.isDone() && !slow.isCompletedExceptionally());
    }
}
