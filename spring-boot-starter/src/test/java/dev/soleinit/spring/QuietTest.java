package dev.soleinit.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.soleinit.lifecycle.EmbeddedLifecycle;
import dev.soleinit.lifecycle.WorkGate;
import dev.soleinit.spring.server.KeptServers;
import dev.soleinit.spring.work.Admission;
import dev.soleinit.spring.work.WorkAutoConfiguration;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Without a supervisor there is the gate, and nothing else; what can be switched off is. */
class QuietTest {
    @TempDir
    Path dir;

    private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(
            AutoConfigurations.of(SoleinitAutoConfiguration.class, WorkAutoConfiguration.class));

    @Test
    void withoutASupervisorThereIsOnlyTheGate() {
        runner.run(context -> {
            assertThat(context).hasNotFailed().hasSingleBean(WorkGate.class)
                    .doesNotHaveBean(Admission.class).doesNotHaveBean(KeptServers.class)
                    .doesNotHaveBean("soleinitScheduledWork").doesNotHaveBean("soleinitAsyncWork");
            assertThat(context.getBean(EmbeddedLifecycle.class).isSupervised()).isFalse();
            context.getBean(WorkGate.class).begin("report", "r1", "by hand").close();
        });
    }

    @Test
    void withOneItIsThere() throws Exception {
        try (FakeSupervisor supervisor = new FakeSupervisor(dir)) {
            ApplicationContextRunner supervised = runner.withPropertyValues(supervisor.environment()
                    .entrySet().stream().map(one -> one.getKey() + "=" + one.getValue())
                    .toArray(String[]::new));
            supervised.run(context -> {
                assertThat(context).hasNotFailed().hasSingleBean(Admission.class)
                        .hasBean("soleinitScheduledWork").hasBean("soleinitAsyncWork");
                assertThat(context.getBean(EmbeddedLifecycle.class).isSupervised()).isTrue();
                supervisor.expect("\"attach\"", "\"token\":\"t\"");
            });
            supervised.withPropertyValues("soleinit.scheduled.enabled=false",
                    "soleinit.async.enabled=false").run(context -> assertThat(context)
                    .hasSingleBean(Admission.class).doesNotHaveBean("soleinitScheduledWork")
                    .doesNotHaveBean("soleinitAsyncWork"));
            supervised.withPropertyValues("soleinit.enabled=false").run(context -> {
                assertThat(context).doesNotHaveBean(Admission.class).hasSingleBean(WorkGate.class);
                assertThat(context.getBean(EmbeddedLifecycle.class).isSupervised()).isFalse();
            });
        }
    }
}
