package dev.soleinit.spring;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Looks for what a supervisor puts into the environment: a token, or listening sockets that it keeps. */
final class OnSupervisorCondition extends SpringBootCondition {
    @Override
    public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
        Environment environment = context.getEnvironment();
        ConditionMessage.Builder message = ConditionMessage.forCondition("a supervisor");
        if (!environment.getProperty("soleinit.enabled", Boolean.class, true)) {
            return ConditionOutcome.noMatch(message.because("soleinit.enabled is false"));
        }
        for (String name : new String[] {"DAEMON_TOKEN", "LISTEN_FDS"}) {
            if (!environment.getProperty(name, "").isEmpty()) {
                return ConditionOutcome.match(message.because(name + " is set"));
            }
        }
        return ConditionOutcome.noMatch(message.because("neither DAEMON_TOKEN nor LISTEN_FDS is set"));
    }
}
