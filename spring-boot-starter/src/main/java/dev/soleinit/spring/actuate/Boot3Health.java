package dev.soleinit.spring.actuate;

import dev.soleinit.lifecycle.EmbeddedLifecycle;
import dev.soleinit.spring.ConditionalOnSupervisor;
import dev.soleinit.spring.SoleinitAutoConfiguration;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;

/** The supervisor in the health of Boot 3.5: out of service while new work is refused. */
@AutoConfiguration(after = SoleinitAutoConfiguration.class)
@ConditionalOnSupervisor
@ConditionalOnClass(HealthIndicator.class)
@ConditionalOnProperty(name = "management.health.soleinit.enabled", matchIfMissing = true)
public class Boot3Health {
    @Bean
    HealthIndicator soleinitHealthIndicator(EmbeddedLifecycle lifecycle) {
        SupervisorReport report = new SupervisorReport(lifecycle);
        return () -> (lifecycle.gate().isFenced() ? Health.outOfService() : Health.up())
                .withDetails(report.details()).build();
    }
}
