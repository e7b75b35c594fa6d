package com.example.daemon;

import dev.soleinit.lifecycle.Context;
import dev.soleinit.lifecycle.Lifecycle;
import dev.soleinit.lifecycle.Work;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.Map;

/** Lives twice without a supervisor: what the first life counted, the second one has. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(Lifecycle.run(Main::start));
    }

    private static AutoCloseable start(Context context) throws Exception {
        long[] lives = {0};
        context.state("lives", () -> Map.of("lives", lives[0])).found()
                .ifPresent(last -> lives[0] = (Long) last.get("lives"));
        lives[0]++;
        ServerSocketChannel channel = context.listen(new InetSocketAddress("127.0.0.1", 0));
        context.onFence(() -> System.out.println("fenced"), () -> System.out.println("unfenced"));
        System.out.println("life " + lives[0] + " on Java " + Runtime.version().feature()
                + ", module " + Lifecycle.class.getModule().getName());
        if (lives[0] == 1) {
            try (Work work = context.gate().begin("task", "t", "asks for a reload")) {
                context.reload();
            }
        } else {
            // the run loop ends on TERM
            new Thread(() -> System.exit(0)).start();
        }
        return channel;
    }
}
