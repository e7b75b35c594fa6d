package dev.soleinit.spring.actuate;

import dev.soleinit.lifecycle.EmbeddedLifecycle;
import dev.soleinit.spring.ConditionalOnSupervisor;
import dev.soleinit.spring.SoleinitAutoConfiguration;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;

/** The supervisor, in Actuator's info. */
@AutoConfiguration(after = SoleinitAutoConfiguration.class)
@ConditionalOnSupervisor
@ConditionalOnClass(InfoContributor.class)
@ConditionalOnProperty(name = "management.info.soleinit.enabled", matchIfMissing = true)
public class SupervisorInfo {
    @Bean
    InfoContributor soleinitInfoContributor(EmbeddedLifecycle lifecycle) {
        SupervisorReport report = new SupervisorReport(lifecycle);
        return builder -> builder.withDetail("soleinit", report.details());
    }
}
