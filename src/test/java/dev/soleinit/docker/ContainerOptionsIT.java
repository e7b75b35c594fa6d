package dev.soleinit.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.images.builder.ImageFromDockerfile;

/** Options of the engine that make a container's surroundings strange. */
class ContainerOptionsIT extends ImageSupport {
    private static final Map<String, String> TMPFS =
            Map.of("/run/daemon", "mode=1777", "/var/lib/daemon", "mode=1777");

    @Test
    void worksOnAReadOnlyRootWithATmpfsOnTheTwoDirectories() {
        lives(run(host -> host.withReadonlyRootfs(true).withTmpFs(TMPFS)));
    }

    @Test
    void worksWithoutAnyCapability() {
        lives(run((Consumer<HostConfig>) host -> host.withCapDrop(Capability.ALL)));
    }

    @Test
    void worksBesideTheEnginesInit() {
        lives(run(host -> host.withInit(true)));
    }

    @Test
    void worksInThePidNamespaceOfTheHost() {
        lives(run(host -> host.withPidMode("host")));
    }

    @Test
    void worksAsAUserWithoutAName() {
        lives(run(IMAGE, create -> create.withUser("4321:4321")));
    }

    @Test
    void worksWithAllOfThatAtOnce() {
        lives(run(IMAGE, create -> Objects.requireNonNull(create.withUser("4321:4321")
                .getHostConfig()).withReadonlyRootfs(true).withTmpFs(TMPFS)
                .withCapDrop(Capability.ALL).withSecurityOpts(List.of("no-new-privileges"))));
    }

    private static void lives(NodeContainer started) {
        try (NodeContainer node = started) {
            node.waitForState("ready");
            assertEquals(0, node.exec("daemon", "restart").getExitCode());
            assertEquals(2, node.number("generation"));
            assertEquals(0, node.stop().code(), node.log());
        }
    }

    @Test
    void aShellOnATerminalHasJobControl() {
        try (NodeContainer node = run(IMAGE, create -> create.withTty(true).withStdinOpen(true), "bash", "-c",
                "set -- $(cut -d ' ' -f 5,8 /proc/$$/stat); echo group $1 foreground $2 on $(tty);"
                        + " exec sleep 600")) {
            node.waitForLog("on /dev/pts/0");
            String[] words = node.log().lines().filter(line -> line.startsWith("group"))
                    .findFirst().orElseThrow().split(" ");
            assertEquals(words[1], words[3], "its group is the terminal's foreground group");
        }
    }

    @Test
    void anotherImageTakesTheFolderWithOneLine() {
        String image = new ImageFromDockerfile().withFileFromString("Dockerfile", """
                FROM debian:trixie-slim
                COPY --from=soleinit/runtime /opt/soleinit /srv/elsewhere
                ENTRYPOINT ["/srv/elsewhere/bin/entrypoint"]
                CMD ["sleep", "600"]
                """).get();
        try (NodeContainer node = run(image, _ -> {})) {
            node.waitFor("ready", () -> node.exec("/srv/elsewhere/bin/daemon", "status", "--ready")
                    .getExitCode() == 0);
            assertTrue(node.shell("readlink /proc/1/exe").startsWith("/srv/elsewhere/"));
            assertEquals(143, node.stop().code(), node.log());
        } finally {
            DockerClientFactory.instance().client().removeImageCmd(image).withForce(true).exec();
        }
    }

    @Test
    void anOutOfMemoryKillIsCalledByItsName() {
        long most = 200L << 20;
        try (NodeContainer node = run(host -> host.withMemory(most).withMemorySwap(most),
                "--backoff-initial", "60s", "--", "tail", "/dev/zero")) {
            node.waitForState("backing-off");
            assertTrue(String.valueOf(node.status().get("lastExit")).contains("out of memory"),
                    node.status().toString());
            node.shell("true");
        }
    }
}
