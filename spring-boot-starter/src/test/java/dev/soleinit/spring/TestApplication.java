package dev.soleinit.spring;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** An application as its author writes it: nothing in it knows of a supervisor but one annotation. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableAsync
@EnableScheduling
class TestApplication {
    static ConfigurableApplicationContext start(WebApplicationType type, Map<String, Object> properties,
            Class<?>... more) {
        Map<String, Object> all = new LinkedHashMap<>(Map.of("server.port", "0",
                "management.endpoints.web.exposure.include", "health,info",
                "management.endpoint.health.show-details", "always", "spring.main.banner-mode", "off",
                "logging.level.root", "warn"));
        all.putAll(properties);
        return new SpringApplicationBuilder(TestApplication.class).sources(more).web(type)
                .properties(all).run();
    }

    @Bean
    Seen seen() {
        return new Seen();
    }

    @Bean
    Jobs jobs(Seen seen) {
        return new Jobs(seen);
    }

    /** What tests look at; the jobs themselves are behind a proxy. */
    static class Seen {
        final CountDownLatch inFence = new CountDownLatch(1);
        final CountDownLatch goOn = new CountDownLatch(1);
        final AtomicInteger ticks = new AtomicInteger();
        final AtomicInteger quietTicks = new AtomicInteger();
    }

    /** What answers; a component, which Spring finds by itself. */
    @RestController
    static class Handlers {
        private final Jobs jobs;
        private final Seen seen;

        Handlers(Jobs jobs, Seen seen) {
            this.jobs = jobs;
            this.seen = seen;
        }

        /** Answered by another thread; MVC and WebFlux know this form alike. */
        @GetMapping("/slow/{ms}")
        CompletableFuture<String> slow(@PathVariable("ms") long ms) {
            return CompletableFuture.supplyAsync(() -> "done",
                    CompletableFuture.delayedExecutor(ms, TimeUnit.MILLISECONDS));
        }

        @GetMapping("/plain/{ms}")
        String plain(@PathVariable("ms") long ms) throws InterruptedException {
            Thread.sleep(ms);
            return "done";
        }

        @GetMapping("/delegate")
        String delegate() throws InterruptedException {
            seen.inFence.countDown();
            seen.goOn.await();
            return jobs.answer().join();
        }

        @NotWork
        @GetMapping("/stream/{ms}")
        String stream(@PathVariable("ms") long ms) throws InterruptedException {
            Thread.sleep(ms);
            return "done";
        }
    }

    /** What runs beside requests. */
    static class Jobs {
        private final Seen seen;

        Jobs(Seen seen) {
            this.seen = seen;
        }

        @Scheduled(fixedDelay = 50)
        void tick() {
            seen.ticks.incrementAndGet();
        }

        @NotWork
        @Scheduled(fixedDelay = 50)
        void quietTick() {
            seen.quietTicks.incrementAndGet();
        }

        @Async
        void later(long ms) throws InterruptedException {
            Thread.sleep(ms);
        }

        @Async
        @NotWork
        void quietly() {
            // nothing waits for it
        }

        @Async
        CompletableFuture<String> answer() {
            return CompletableFuture.completedFuture("from another thread");
        }
    }
}
