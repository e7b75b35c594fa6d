package dev.soleinit.spring.work;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledFuture;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.Trigger;

/** A scheduler whose tasks are work. */
final class WorkScheduler implements TaskScheduler {
    private final TaskScheduler scheduler;
    private final Admission admission;

    WorkScheduler(TaskScheduler scheduler, Admission admission) {
        this.scheduler = scheduler;
        this.admission = admission;
    }

    private Runnable work(Runnable task) {
        return ScheduledTask.of(task, admission);
    }

    @Override
    public Clock getClock() {
        return scheduler.getClock();
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, Trigger trigger) {
        return scheduler.schedule(work(task), trigger);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, Instant start) {
        return scheduler.schedule(work(task), start);
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, Instant start, Duration period) {
        return scheduler.scheduleAtFixedRate(work(task), start, period);
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, Duration period) {
        return scheduler.scheduleAtFixedRate(work(task), period);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, Instant start, Duration delay) {
        return scheduler.scheduleWithFixedDelay(work(task), start, delay);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, Duration delay) {
        return scheduler.scheduleWithFixedDelay(work(task), delay);
    }
}
