package dev.soleinit.pidns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.RequiredTier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A real PID 1 that finds a NOTIFY_SOCKET of its own, as systemd and podman leave it. */
@ExtendWith(RequiredTier.PidNamespace.class)
@Timeout(120)
class ServiceManagerIT {
    @TempDir
    Path dir;
    private Process manager;

    /** Notes each message with the time at which it came and the sender that the kernel vouches for. */
    private void listen(String address) throws IOException {
        Path program = Files.writeString(dir.resolve("manager.py"), """
                import socket, struct, sys, time
                s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
                s.bind(sys.argv[1].replace("@", "\\0", 1))
                out = open(sys.argv[2], "a", buffering=1)
                print("listening", flush=True)
                while True:
                    text, control, *_ = s.recvmsg(4096, 1024)
                    pid = struct.unpack("iii", control[0][2][:12])[0]
                    for line in text.decode().splitlines():
                        out.write(f"{line} @{time.monotonic_ns() // 1000} pid={pid}\\n")
                """);
        Path said = dir.resolve("manager.log");
        manager = new ProcessBuilder("python3", program.toString(), address, dir.resolve("told").toString())
                .redirectErrorStream(true).redirectOutput(said.toFile()).start();
        for (int i = 0; i < 500 && !Files.readString(said).contains("listening"); i++) {
            PidNamespace.pause(10);
        }
    }

    @AfterEach
    void endTheManager() {
        if (manager != null) {
            manager.destroyForcibly();
        }
    }

    private String told() {
        try {
            return Files.exists(dir.resolve("told")) ? Files.readString(dir.resolve("told")) : "";
        } catch (IOException gone) {
            return "";
        }
    }

    private PidNamespace start(String address, String... words) throws IOException {
        return PidNamespace.launch(dir, PidNamespace.AS_PID_1, Map.of("NOTIFY_SOCKET", address), words);
    }

    private static int count(String part, String text) {
        return text.split(Pattern.quote(part), -1).length - 1;
    }

    private String daemon() throws IOException {
        return Files.writeString(dir.resolve("daemon.py"), """
                import os, signal, socket, sys, time
                signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
                s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                s.connect(os.environ["NOTIFY_SOCKET"])
                print("told of", os.environ["NOTIFY_SOCKET"], flush=True)
                s.send(b"READY=1\\nSTATUS=serving 7 things\\nX_OWN=1")
                while True: time.sleep(60)
                """).toString();
    }

    private void followsTheDaemon(String address) throws Exception {
        listen(address);
        try (PidNamespace node = start(address, "--ready", "notify", "--before",
                "echo before: $NOTIFY_SOCKET", "--", "python3", daemon())) {
            node.waitFor("the manager knows", () -> told().contains(": serving 7 things"));
            assertEquals(1, count("READY=1 ", told()), told());
            assertEquals(0, count("RELOADING=1", told()), told());
            assertFalse(node.log().contains("of " + address) || node.log().contains("before: " + address),
                    "the outer address is handed on:\n" + node.log());
            node.daemon(Map.of(), "restart");
            node.waitFor("ready again", () -> count("READY=1 ", told()) == 2);
            Matcher time = Pattern.compile("RELOADING=1 .*\nMONOTONIC_USEC=(\\d+) @(\\d+)").matcher(told());
            assertTrue(time.find(), told());
            long late = Long.parseLong(time.group(2)) - Long.parseLong(time.group(1));
            assertTrue(late >= 0 && late < 5_000_000, late + " us between the reload and its message");
            assertEquals(0, count("X_OWN", told()), "what it does not know is not for the manager");
            assertTrue(told().lines().allMatch(line -> line.endsWith("pid=" + node.pid1())), told());
            node.signal("TERM");
            assertEquals(0, node.exitCode(), node.log());
            assertEquals(1, count("STOPPING=1 ", told()), told());
        }
    }

    @Test
    void itIsToldOfReadinessRestartsAndTheEndByAPath() throws Exception {
        followsTheDaemon(dir.resolve("outer.sock").toString());
    }

    @Test
    void itIsToldTheSameByAnAbstractAddress() throws Exception {
        followsTheDaemon("@soleinit-" + dir.getFileName());
    }

    /** TERM to the end, and a restart, are as fast as ever. */
    private void worksAsEver(PidNamespace node) throws IOException {
        node.waitForState("ready");
        long begin = System.nanoTime();
        assertEquals(0, node.daemon(Map.of(), "restart").code(), node.log());
        node.signal("TERM");
        assertEquals(0, node.exitCode(), node.log());
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        assertTrue(took.toSeconds() < 15, took + " for a restart and the end\n" + node.log());
    }

    @Test
    void oneThatIsNotThereOrMalformedIsSaidOnceAndNothingElse() throws Exception {
        String missing = dir.resolve("nobody").toString();
        try (PidNamespace node = start(missing, "--", PidNamespace.obedient(dir))) {
            worksAsEver(node);
            assertEquals(1, count("Cannot tell " + missing + " (NOTIFY_SOCKET) how the daemon is: ENOENT",
                    node.log()), node.log());
        }
        for (String bad : new String[] {"relative", "@", "vsock:2:1234", "/" + "x".repeat(200)}) {
            Files.deleteIfExists(dir.resolve("log"));
            try (PidNamespace node = start(bad, "--", PidNamespace.obedient(dir))) {
                worksAsEver(node);
                assertEquals(1, count("Cannot use " + bad + " (NOTIFY_SOCKET)", node.log()), node.log());
            }
        }
    }

    @Test
    void oneThatComesLateIsToldWhatIs() throws Exception {
        String address = dir.resolve("outer.sock").toString();
        try (PidNamespace node = start(address, "--", PidNamespace.obedient(dir))) {
            node.waitForState("ready");
            node.waitForLog("(NOTIFY_SOCKET) how the daemon is: ENOENT");
            listen(address);
            node.waitFor("it is told", () -> count("READY=1 ", told()) == 1);
        }
    }

    @Test
    void oneThatIsFrozenWithAFullSocketHoldsNothingUpAndIsToldWhatHoldsLater() throws Exception {
        String address = dir.resolve("outer.sock").toString();
        listen(address);
        PidNamespace.kill("STOP", manager.pid());
        PidNamespace.command(Map.of(), "python3", "-c", """
                import socket, sys
                s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                s.setblocking(False)
                s.connect(sys.argv[1])
                try:
                    while True: s.send(b"FULL=1")
                except BlockingIOError: pass
                """, address);
        try (PidNamespace node = start(address, "--", PidNamespace.obedient(dir))) {
            worksAsEver(node);
            assertTrue(node.log().contains("how the daemon is: nobody reads what waits there"), node.log());
        }
        try (PidNamespace node = start(address, "--", PidNamespace.obedient(dir))) {
            node.waitForState("ready");
            PidNamespace.kill("CONT", manager.pid());
            node.waitFor("it is told", () -> count("READY=1 ", told()) == 1);
            assertEquals(0, count("STOPPING=1", told()), "the first one's end is over");
        }
    }
}
