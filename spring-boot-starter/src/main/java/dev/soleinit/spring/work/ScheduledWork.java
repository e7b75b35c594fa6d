package dev.soleinit.spring.work;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.core.Ordered;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.annotation.SchedulingConfigurer;
import org.springframework.scheduling.config.ScheduledTaskRegistrar;
import org.springframework.scheduling.config.TaskSchedulerRouter;

/**
 * Has the tasks of {@code @Scheduled} methods run as work, whichever scheduler Spring or the application
 * chooses for them.
 */
final class ScheduledWork implements SchedulingConfigurer, Ordered, BeanFactoryAware, DisposableBean {
    private final Admission admission;
    private final TaskSchedulerRouter router = new TaskSchedulerRouter();

    ScheduledWork(Admission admission) {
        this.admission = admission;
    }

    /** After the application's own, whose scheduler is used if it sets one. */
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }

    @Override
    public void setBeanFactory(BeanFactory factory) {
        router.setBeanName("soleinitScheduledWork");
        router.setBeanFactory(factory);
    }

    @Override
    public void configureTasks(ScheduledTaskRegistrar registrar) {
        TaskScheduler chosen = registrar.getScheduler();
        registrar.setTaskScheduler(new WorkScheduler(chosen == null ? router : chosen, admission));
    }

    @Override
    public void destroy() {
        router.destroy();
    }
}
