package dev.soleinit;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Skips a tier where the machine cannot run it, loudly; {@code -Drequire=pidns,docker} makes that a
 * failure.
 */
public abstract class RequiredTier implements ExecutionCondition {
    /** The image under test; the smoke scripts take the same variable. */
    public static final String IMAGE = System.getenv().getOrDefault("IMAGE", "soleinit/node");

    private final String tier;

    protected RequiredTier(String tier) {
        this.tier = tier;
    }

    /** Whether the machine can run the tier, and if not why. */
    protected abstract String missing();

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        String missing = missing();
        if (missing.isEmpty()) {
            return ConditionEvaluationResult.enabled(tier + " is there");
        }
        if (List.of(System.getProperty("require", "").split(",")).contains(tier)) {
            throw new IllegalStateException("tier " + tier + " is required, but " + missing);
        }
        System.err.println("SKIPPED tier " + tier + ": " + missing);
        return ConditionEvaluationResult.disabled(missing);
    }

    /** Whether a command ends with 0. */
    protected static boolean works(String... command) {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
        } catch (IOException | InterruptedException no) {
            return false;
        }
    }

    /** A PID namespace of one's own. */
    public static final class PidNamespace extends RequiredTier {
        public PidNamespace() {
            super("pidns");
        }

        @Override
        protected String missing() {
            return works("unshare", "--pid", "--fork", "--mount-proc", "true") ? ""
                    : "'unshare --pid --fork --mount-proc' does not work here (it needs root)";
        }
    }

    /** An engine that answers, and the image. */
    public static final class Docker extends RequiredTier {
        public Docker() {
            super("docker");
        }

        @Override
        protected String missing() {
            return works("docker", "image", "inspect", IMAGE) ? ""
                    : "there is no engine with the image " + IMAGE + " (see docker/up)";
        }
    }
}
