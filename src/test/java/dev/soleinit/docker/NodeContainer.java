package dev.soleinit.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import dev.soleinit.json.Json;
import dev.soleinit.json.JsonException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;

/** One running container of the image; removed when closed. Made by {@link ImageSupport}. */
final class NodeContainer implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int ENGINES_PATIENCE_SECONDS = 10;

    private final GenericContainer<?> container;
    private final DockerClient engine;

    NodeContainer(GenericContainer<?> container) {
        this.container = container;
        this.engine = container.getDockerClient();
        container.start();
    }

    // ---- looking

    String id() {
        return container.getContainerId();
    }

    String log() {
        return container.getLogs();
    }

    /** The public status, empty while no supervisor answers. */
    Map<?, ?> status() {
        try {
            String json = exec("daemon", "status", "--json").getStdout();
            return Json.parse(json) instanceof Map<?, ?> status ? status : Map.of();
        } catch (JsonException | IllegalStateException nobody) {
            return Map.of();
        }
    }

    long number(String field) {
        return status().get(field) instanceof Number number ? number.longValue() : -1;
    }

    NodeContainer waitForState(String state) {
        return waitFor("state " + state, () -> state.equals(status().get("state")));
    }

    NodeContainer waitForLog(String text) {
        return waitFor("log has '" + text + "'", () -> log().contains(text));
    }

    NodeContainer waitFor(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                fail("expected within " + TIMEOUT.toSeconds() + " s: " + what + "\nstatus: "
                        + status() + "\nlog:\n" + log() + "\nreplay: docker run --rm "
                        + container.getDockerImageName() + " "
                        + String.join(" ", container.getCommandParts()));
            }
            pause();
        }
        return this;
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException stop) {
            throw new IllegalStateException(stop);
        }
    }

    // ---- doing

    ExecResult exec(String... command) {
        try {
            return container.execInContainer(command);
        } catch (IOException | InterruptedException | RuntimeException gone) {
            throw new IllegalStateException("cannot exec " + String.join(" ", command), gone);
        }
    }

    /** What a shell in the container prints. */
    String shell(String script) {
        ExecResult result = exec("sh", "-c", script);
        assertEquals(0, result.getExitCode(), script + ": " + result);
        return result.getStdout().strip();
    }

    /** As {@code docker kill --signal}. */
    void signal(String name) {
        engine.killContainerCmd(id()).withSignal(name).exec();
    }

    /** How a container ended, and how long the engine waited for it. */
    record Stop(long code, Duration took) {}

    /** As {@code docker stop}. */
    Stop stop() {
        long begin = System.nanoTime();
        engine.stopContainerCmd(id()).withTimeout(ENGINES_PATIENCE_SECONDS).exec();
        return new Stop(exitCode(), Duration.ofNanos(System.nanoTime() - begin));
    }

    /** Waits until the container has ended. */
    long exitCode() {
        waitFor("the container ends", () -> !Boolean.TRUE.equals(state().getRunning()));
        return state().getExitCodeLong();
    }

    private ContainerState state() {
        return engine.inspectContainerCmd(id()).exec().getState();
    }

    @Override
    public void close() {
        container.close();
    }
}
