package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(RequiredTier.PidNamespace.class)
class ReadinessIT {
    @TempDir
    Path dir;

    /** A daemon in Python that serves HTTP once the file {@code go} is there. */
    private String server(int port, String afterwards) throws IOException {
        Path file = Files.writeString(dir.resolve("server.py"), """
                import http.server, os, socket, sys, time
                def tell(text):
                    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                    s.sendto(text, os.environ["NOTIFY_SOCKET"])
                while not os.path.exists("%s"): time.sleep(0.02)
                server = http.server.HTTPServer(("127.0.0.1", %d), http.server.SimpleHTTPRequestHandler)
                %s
                server.serve_forever()
                """.formatted(dir.resolve("go"), port, afterwards));
        return file.toString();
    }

    private void becomesReady(String how, int port, String afterwards) throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--ready", how, "--chdir", "/usr", "--",
                "python3", server(port, afterwards))) {
            node.waitForState("starting");
            PidNamespace.pause(700);
            assertEquals("starting", node.status().get("state"), "not ready before it is");
            assertEquals(1, node.health().code());
            Files.createFile(dir.resolve("go"));
            node.waitForState("ready");
            assertEquals(0, node.health().code());
        }
    }

    @Test
    void tcpIsReadyWhenItConnects() throws IOException {
        int port = PidNamespace.freePort();
        becomesReady("tcp 127.0.0.1:" + port, port, "");
    }

    @Test
    void httpIsReadyWhenItAnswers() throws IOException {
        int port = PidNamespace.freePort();
        becomesReady("http http://127.0.0.1:" + port + "/", port, "");
    }

    @Test
    void execIsReadyWhenItExitsWithZero() throws IOException {
        becomesReady("exec test -e " + dir.resolve("go"), PidNamespace.freePort(), "");
    }

    @Test
    void notifyIsReadyWhenTheDaemonSaysSo() throws IOException {
        becomesReady("notify", PidNamespace.freePort(), "tell(b'READY=1\\nSTATUS=serving')");
    }

    @Test
    void statusTextAndStoppingAreShown() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--ready", "notify", "--", "python3", server(
                PidNamespace.freePort(), "tell(b'STATUS=warm\\nREADY=1'); time.sleep(0.5); tell(b'STOPPING=1')"))) {
            Files.createFile(dir.resolve("go"));
            node.waitForStatus("the text is shown", now -> "warm".equals(now.get("statusText")));
            node.waitForState("stopping");
        }
    }

    @Test
    void aDaemonThatIsNotReadyInTimeIsAFailedStart() throws IOException {
        try (PidNamespace node = PidNamespace.start(dir, "--ready", "notify", "--ready-timeout", "300ms",
                "--", PidNamespace.obedient(dir))) {
            node.waitForState("backing-off");
            assertTrue(node.status().get("backoffReason").toString().contains("not ready within"),
                    node.status().toString());
        }
    }
}
