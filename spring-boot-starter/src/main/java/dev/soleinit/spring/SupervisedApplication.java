package dev.soleinit.spring;

import dev.soleinit.lifecycle.Context;
import dev.soleinit.lifecycle.EmbeddedLifecycle;
import dev.soleinit.spring.server.KeptServers;
import dev.soleinit.spring.work.Admission;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationContext;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Between the supervisor and Spring's own events: ready is said when the application is, a fence is
 * refused traffic, and a context that closes drains first. Readiness is changed on a thread of its own.
 */
final class SupervisedApplication implements InitializingBean, DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(SupervisedApplication.class);
    private static final String PHASE = "spring.lifecycle.timeout-per-shutdown-phase";
    private static final Duration PHASE_DEFAULT = Duration.ofSeconds(30);
    private static final long ANSWER_MS = 100;

    private final ApplicationContext context;
    private final EmbeddedLifecycle lifecycle;
    private final Admission admission;
    private final KeptServers servers;
    private final ObjectProvider<Context.Resumer> resumer;
    /** The gate calls with its lock held, and an application's listeners may take their time. */
    private final ExecutorService readiness = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "soleinit-readiness");
        thread.setDaemon(true);
        return thread;
    });
    private volatile boolean ready;

    SupervisedApplication(ApplicationContext context, EmbeddedLifecycle lifecycle,
            Admission admission, KeptServers servers, ObjectProvider<Context.Resumer> resumer) {
        this.context = context;
        this.lifecycle = lifecycle;
        this.admission = admission;
        this.servers = servers;
        this.resumer = resumer;
    }

    @Override
    public void afterPropertiesSet() {
        lifecycle.onFence(() -> fenced(true), () -> fenced(false));
        lifecycle.start();
    }

    private void fenced(boolean fenced) {
        servers.accept(!fenced);
        try {
            readiness.execute(() -> publish(fenced));
        } catch (RejectedExecutionException closing) {
            // Spring has refused traffic already
        }
    }

    /** Until the application is ready it refuses traffic anyway, and then Spring itself says so. */
    private void publish(boolean fenced) {
        if (ready && !admission.isClosing()) {
            AvailabilityChangeEvent.publish(context, fenced ? ReadinessState.REFUSING_TRAFFIC
                    : ReadinessState.ACCEPTING_TRAFFIC);
        }
    }

    @EventListener
    void onReady(ApplicationReadyEvent event) {
        if (event.getApplicationContext() == context) {
            ready = true;
            lifecycle.ready();
            resumer.ifAvailable(lifecycle::resume);
        }
    }

    /** Who accepts traffic while new work is refused has not seen the fence. */
    @EventListener
    void onChange(AvailabilityChangeEvent<ReadinessState> event) {
        if (event.getState() == ReadinessState.ACCEPTING_TRAFFIC && lifecycle.gate().isFenced()) {
            fenced(true);
        }
    }

    /**
     * Before everything else: executors refuse tasks from this very event on, and a request that runs
     * may still need one. Spring's own phases have what is left.
     */
    @EventListener
    @Order(Ordered.HIGHEST_PRECEDENCE)
    void onClose(ContextClosedEvent event) throws InterruptedException {
        if (event.getApplicationContext() != context) {
            return;
        }
        admission.close();
        long begin = System.nanoTime();
        Duration phase = Binder.get(context.getEnvironment()).bind(PHASE, Duration.class)
                .orElse(PHASE_DEFAULT);
        Duration drain = lifecycle.drainTimeout();
        Duration within = drain.compareTo(phase) < 0 ? drain : phase;
        boolean running = lifecycle.gate().active() > 0;
        int left = lifecycle.drain(within);
        if (left > 0) {
            LOG.warn("{} pieces of work still run", left);
        }
        servers.settle(within.minusNanos(System.nanoTime() - begin));
        if (running) {
            // a piece of work ends where its handler returns; the server writes the answer after that
            Thread.sleep(ANSWER_MS);
        }
    }

    @Override
    public void destroy() {
        readiness.shutdown();
    }
}
