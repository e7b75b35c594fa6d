package dev.soleinit.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One run of the CLI in this process: what it printed and its exit code. */
record CliRunner(List<String> arguments, int exitCode, String out, String err) {
    static CliRunner of(Map<String, String> environment, String... arguments) {
        return run(() -> RootCommand.execute(environment, arguments), arguments);
    }

    /** The same without picocli. */
    static CliRunner plain(Map<String, String> environment, String... arguments) {
        return run(() -> FastPath.execute(environment, arguments).orElseThrow(), arguments);
    }

    private static CliRunner run(Callable<Integer> command, String... arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
            return new CliRunner(List.of(arguments), execute(command, arguments),
                    outBytes.toString(StandardCharsets.UTF_8),
                    errBytes.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    /** On a thread of its own, so that one that never ends fails. */
    private static int execute(Callable<Integer> command, String... arguments) {
        try {
            FutureTask<Integer> run = new FutureTask<>(command);
            Thread.ofPlatform().daemon().start(run);
            return run.get(60, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException wrong) {
            throw new AssertionError("daemon " + String.join(" ", arguments), wrong);
        }
    }

    /** To replay it by hand. */
    @Override
    public String toString() {
        return "daemon " + String.join(" ", arguments) + " -> " + exitCode + "\n" + out + err;
    }
}
