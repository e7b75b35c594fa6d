package dev.soleinit.spring.work;

import dev.soleinit.lifecycle.RestartingException;
import dev.soleinit.spring.NotWork;
import java.lang.reflect.Method;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.SchedulingAwareRunnable;
import org.springframework.util.ClassUtils;

/**
 * A scheduled task, each run of which is work. One that is due while new work is refused waits: a
 * restart that is called off lets it go on, and nothing else would run it.
 */
final class ScheduledTask implements SchedulingAwareRunnable {
    private static final Logger LOG = LoggerFactory.getLogger(ScheduledTask.class);
    private static final long POLL_INTERVAL_MS = 20;

    private final Runnable task;
    private final Admission admission;

    private ScheduledTask(Runnable task, Admission admission) {
        this.task = task;
        this.admission = admission;
    }

    static Runnable of(Runnable task, Admission admission) {
        return isNotWork(task.toString()) ? task : new ScheduledTask(task, admission);
    }

    /** Spring wraps what runs the method, but its text goes on being the method's qualified name. */
    private static boolean isNotWork(String text) {
        int dot = text.lastIndexOf('.');
        ClassLoader loader = ClassUtils.getDefaultClassLoader();
        if (dot < 0 || !ClassUtils.isPresent(text.substring(0, dot), loader)) {
            return false;
        }
        Class<?> type = ClassUtils.resolveClassName(text.substring(0, dot), loader);
        if (type.isAnnotationPresent(NotWork.class)) {
            return true;
        }
        for (Method method : type.getDeclaredMethods()) {
            if (method.getName().equals(text.substring(dot + 1))
                    && method.isAnnotationPresent(NotWork.class)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean isLongLived() {
        return task instanceof SchedulingAwareRunnable aware && aware.isLongLived();
    }

    @Override
    public String getQualifier() {
        return task instanceof SchedulingAwareRunnable aware ? aware.getQualifier() : null;
    }

    @Override
    public void run() {
        Optional<Piece.Hold> admitted = admit();
        if (admitted.isEmpty()) {
            LOG.info("{} was due while the application stops, and did not run", task);
            return;
        }
        try (Piece.Hold hold = admitted.get(); Piece.Scope scope = hold.enter()) {
            task.run();
        }
    }

    private Optional<Piece.Hold> admit() {
        while (!admission.isClosing()) {
            try {
                return Optional.of(admission.begin("scheduled", task.toString()));
            } catch (RestartingException soon) {
                try {
                    Thread.sleep(POLL_INTERVAL_MS);
                } catch (InterruptedException stop) {
                    Thread.currentThread().interrupt();
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return task.toString();
    }
}
