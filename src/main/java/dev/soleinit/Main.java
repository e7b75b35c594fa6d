package dev.soleinit;

import dev.soleinit.cli.Daemon;

/** Where the program begins: one executable, {@code daemon}, for the supervisor and the CLI. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        end(Daemon.execute(System.getenv(), args));
    }

    /** Without the shutdown of the JVM, which has no hooks to run and would take milliseconds. */
    private static void end(int code) {
        System.out.flush();
        System.err.flush();
        Runtime.getRuntime().halt(code);
    }
}
