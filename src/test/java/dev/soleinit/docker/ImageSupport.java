package dev.soleinit.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.HostConfig;
import dev.soleinit.RequiredTier;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.extension.ExtendWith;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.startupcheck.StartupCheckStrategy;

/**
 * What tests of the image share, {@code soleinit/node} or another by the variable IMAGE; without an
 * engine that has it the tier is skipped, see {@link RequiredTier}.
 */
@ExtendWith(RequiredTier.Docker.class)
abstract class ImageSupport {
    static final String IMAGE = RequiredTier.IMAGE;

    /** A daemon that says what it hears and ends with 0 on TERM. */
    static final String TALKATIVE = """
            for name in HUP USR1 USR2 WINCH; do trap "echo got-$name" $name; done
            trap 'exit 0' TERM
            echo armed
            while :; do sleep 0.02; done""";

    /** A container of the image with these words after its name, as on {@code docker run}. */
    static NodeContainer run(String... words) {
        return run(IMAGE, _ -> {}, words);
    }

    /** The same with the engine's options. */
    static NodeContainer run(Consumer<HostConfig> options, String... words) {
        return run(IMAGE, create -> options.accept(Objects.requireNonNull(create.getHostConfig())),
                words);
    }

    static NodeContainer run(String image, Consumer<CreateContainerCmd> options, String... words) {
        GenericContainer<?> container = new GenericContainer<>(image)
                .withStartupCheckStrategy(new EvenIfItEndsAtOnce())
                .withCreateContainerCmdModifier(options);
        if (words.length > 0) {
            container.withCommand(words);
        }
        return new NodeContainer(container);
    }

    /** Some tests want a container that ends at once. */
    private static final class EvenIfItEndsAtOnce extends StartupCheckStrategy {
        EvenIfItEndsAtOnce() {
            withTimeout(Duration.ofSeconds(60));
        }

        @Override
        public StartupStatus checkStartupState(DockerClient engine, String id) {
            return StartupStatus.SUCCESSFUL;
        }
    }
}
