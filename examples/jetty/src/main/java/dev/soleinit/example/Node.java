package dev.soleinit.example;

import dev.soleinit.lifecycle.Context;
import dev.soleinit.lifecycle.Lifecycle;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The reference daemon's main class: {@code node [--config FILE] [--host HOST] [--port PORT]}.
 * Reads {@code /etc/daemon/node.json} unless another file is named, and listens as it says.
 */
public final class Node {
    private Node() {}

    public static void main(String[] args) {
        List<String> arguments = List.of(args);
        int config = arguments.indexOf("--config");
        Path file = Path.of(config < 0 || config + 1 >= args.length ? "/etc/daemon/node.json"
                : args[config + 1]);
        System.exit(Lifecycle.run(context -> start(context, file, arguments),
                NodeServer::sorry));
    }

    private static AutoCloseable start(Context context, Path file, List<String> arguments)
            throws Exception {
        if (!context.isSupervised()) {
            // a supervisor watches by itself
            context.watch(List.of(file), List.of(), Duration.ofMillis(500),
                    change -> context.reload());
        }
        return new NodeServer(NodeConfig.load(file, arguments), context);
    }
}
