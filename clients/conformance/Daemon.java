import dev.soleinit.lifecycle.Context;
import dev.soleinit.lifecycle.Lifecycle;
import dev.soleinit.lifecycle.RestartingException;
import dev.soleinit.lifecycle.Work;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The daemon of the conformance suite on the Java library; see README.md. */
public class Daemon {
    private static final Map<String, Work> OPEN = new HashMap<>();
    private static volatile Context context;
    private static volatile Thread commands;
    private static volatile String value = "";
    private static volatile boolean fails;

    public static void main(String[] args) {
        boolean fail = List.of(args).contains("fail");
        System.exit(Lifecycle.run(life -> {
            if (fail) {
                Thread.sleep(500);
            }
            if (fail || fails) {
                throw new IllegalStateException("it is to fail");
            }
            return start(life);
        }));
    }

    private static AutoCloseable start(Context life) throws Exception {
        boolean again = context != null;
        context = life;
        var found = life.state("conformance", () -> Map.of("value", value));
        found.found().ifPresent(last -> value = (String) last.get("value"));
        say(again ? "reloaded " + life.generation() : "restored " + (found.found().isPresent() ? value : "none"));
        life.resume(candidate -> {
            if (candidate.id().startsWith("fails")) {
                throw new IllegalStateException("it is to fail");
            }
            say("resumed " + candidate.id() + " " + candidate.checkpoint().orElse("null") + " " + candidate.attempt());
        });
        Optional<ServerSocketChannel> kept = life.listener("http");
        kept.ifPresent(channel -> Thread.ofPlatform().daemon().start(() -> serve(channel)));
        if (commands == null) {
            kept.ifPresent(channel -> say("kept http"));
            commands = Thread.ofPlatform().daemon().start(Daemon::read);
        }
        return () -> kept.ifPresent(Daemon::close);
    }

    private static void close(ServerSocketChannel channel) {
        try {
            channel.close();
        } catch (java.io.IOException gone) {
            say(gone.toString());
        }
    }

    private static void serve(ServerSocketChannel channel) {
        while (channel.isOpen()) {
            try (var connection = channel.accept()) {
                connection.write(ByteBuffer.wrap("kept\n".getBytes()));
            } catch (java.io.IOException closed) {
                return;
            }
        }
    }

    private static void read() {
        try (var lines = new BufferedReader(new InputStreamReader(System.in))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                obey(line.split(" ", 3));
            }
        } catch (Exception failed) {
            say("broken " + failed);
        }
    }

    private static void obey(String[] words) throws Exception {
        switch (words[0]) {
            case "begin", "queue" -> begin(words[1], words[0].equals("begin"));
            case "end" -> {
                OPEN.remove(words[1]).close();
                say("ended " + words[1]);
            }
            case "checkpoint" -> {
                OPEN.get(words[1]).checkpoint(words[2]);
                say("checkpointed " + words[1]);
            }
            case "state" -> {
                value = words[1];
                say("state " + value);
            }
            case "fail-reload" -> {
                fails = true;
                say("fail-reload");
            }
            case "burst" -> {
                long started = System.nanoTime();
                for (int i = 0; i < Integer.parseInt(words[1]); i++) {
                    context.gate().begin("task", "burst-" + i, "").close();
                }
                say("burst " + (System.nanoTime() - started) / 1_000_000);
            }
            default -> say("unsupported " + words[0]);
        }
    }

    private static void begin(String id, boolean runs) {
        try {
            OPEN.put(id, runs ? context.gate().begin("task", id, "conformance")
                    : context.gate().queue("task", id, "conformance"));
            say("begun " + id);
        } catch (RestartingException soon) {
            say("restarting " + id);
        } catch (IllegalArgumentException wrong) {
            say("invalid " + id.length());
        }
    }

    private static void say(String line) {
        System.out.println(line);
    }
}
