package dev.soleinit.spring;

import dev.soleinit.lifecycle.Context;
import dev.soleinit.lifecycle.EmbeddedLifecycle;
import dev.soleinit.lifecycle.WorkGate;
import dev.soleinit.spring.server.KeptServers;
import dev.soleinit.spring.work.Admission;
import java.util.HashMap;
import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;

/**
 * The connection to the supervisor, and the gate for work of the application's own, which is there
 * without a supervisor, too.
 */
@AutoConfiguration
@EnableConfigurationProperties(SoleinitProperties.class)
public class SoleinitAutoConfiguration {
    private static final String[] VARIABLES = {"DAEMON_TOKEN", "DAEMON_RUN_DIR", "DAEMON_STATE_DIR",
        "DAEMON_GENERATION", "DAEMON_DRAIN_TIMEOUT", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"};

    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    EmbeddedLifecycle soleinitLifecycle(Environment environment, SoleinitProperties properties) {
        Map<String, String> found = new HashMap<>();
        for (String name : VARIABLES) {
            String value = environment.getProperty(name);
            if (value != null && properties.enabled()) {
                found.put(name, value);
            }
        }
        return EmbeddedLifecycle.of(found);
    }

    @Bean
    @ConditionalOnMissingBean
    WorkGate soleinitGate(EmbeddedLifecycle lifecycle) {
        return lifecycle.gate();
    }

    @Bean
    @ConditionalOnSupervisor
    Admission soleinitAdmission(EmbeddedLifecycle lifecycle) {
        return new Admission(lifecycle.gate(), lifecycle.generation());
    }

    @Bean
    @ConditionalOnSupervisor
    KeptServers soleinitServers(EmbeddedLifecycle lifecycle) {
        return new KeptServers(lifecycle);
    }

    @Bean
    @Lazy(false)
    @ConditionalOnSupervisor
    SupervisedApplication soleinitSupervisedApplication(ApplicationContext context,
            EmbeddedLifecycle lifecycle, Admission admission, KeptServers servers,
            ObjectProvider<Context.Resumer> resumer) {
        return new SupervisedApplication(context, lifecycle, admission, servers, resumer);
    }
}
