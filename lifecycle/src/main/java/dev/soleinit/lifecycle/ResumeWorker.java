package dev.soleinit.lifecycle;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes interrupted work over, one piece at a time: what a reload left in this process, then what
 * the supervisor has, which is claimed, handed to the daemon, and confirmed only when that has taken
 * it. Thread "resume", a daemon.
 */
final class ResumeWorker {
    private static final Logger LOG = LoggerFactory.getLogger("lifecycle");
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final Optional<SupervisorConnection> link;
    private final Context.Resumer resumer;
    private final List<InterruptedWork> own;

    ResumeWorker(Optional<SupervisorConnection> link, Context.Resumer resumer,
            List<InterruptedWork> own) {
        this.link = link;
        this.resumer = resumer;
        this.own = own;
    }

    void start() {
        DaemonThread.start("resume", this::run);
    }

    private void run() {
        try {
            for (InterruptedWork one : own) {
                taken(one);
            }
            for (Optional<InterruptedWork> next = claim(); next.isPresent(); next = claim()) {
                if (taken(next.get())) {
                    link.orElseThrow().call("resume.confirm", Map.of("id", next.get().id()), TIMEOUT);
                }
            }
        } catch (IOException lost) {
            LOG.warn("interrupted work cannot be resumed now: {}", lost.getMessage());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private Optional<InterruptedWork> claim() throws IOException, InterruptedException {
        if (link.isEmpty()) {
            return Optional.empty();
        }
        Object found = link.get().call("resume.claim", Map.of(), TIMEOUT).get("candidate");
        return found instanceof Map<?, ?> fields ? Optional.of(candidate(fields)) : Optional.empty();
    }

    private static InterruptedWork candidate(Map<?, ?> fields) {
        return new InterruptedWork((String) fields.get("id"), (String) fields.get("kind"),
                (String) fields.get("description"), Boolean.TRUE.equals(fields.get("running")),
                Optional.ofNullable((String) fields.get("checkpoint")),
                (Long) fields.get("generation"), Instant.parse((String) fields.get("deadline")),
                ((Long) fields.get("attempt")).intValue());
    }

    private boolean taken(InterruptedWork candidate) throws InterruptedException {
        FutureTask<Void> task = new FutureTask<>(() -> {
            resumer.resume(candidate);
            return null;
        });
        DaemonThread.start("resume " + candidate.id(), task);
        try {
            task.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException slow) {
            task.cancel(true);
            LOG.warn("{} {} was not taken over within {} s", candidate.kind(), candidate.id(),
                    TIMEOUT.toSeconds());
        } catch (ExecutionException failed) {
            LOG.warn("{} {} could not be taken over: {}", candidate.kind(), candidate.id(),
                    failed.getCause().toString());
        }
        return false;
    }
}
