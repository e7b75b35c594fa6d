package dev.soleinit;

import dev.soleinit.cli.Daemon;

/** Where the program begins: one executable, {@code daemon}, for the supervisor and the CLI. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(Daemon.execute(System.getenv(), args));
    }
}
