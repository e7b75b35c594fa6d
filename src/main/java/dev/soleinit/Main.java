package dev.soleinit;

import dev.soleinit.cli.FastPath;
import dev.soleinit.cli.RootCommand;
import dev.soleinit.os.ProcessEnd;
import dev.soleinit.process.Inherited;
import java.util.Map;
import java.util.Optional;

/** Where the program begins: one executable, {@code daemon}, for the supervisor and the CLI. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        Map<String, String> environment = Inherited.environment();
        boolean training = Boolean.getBoolean("soleinit.train");
        if (training) {
            AotTraining.begin(arguments -> execute(environment, arguments));
        }
        // not args, which the JVM has decoded by the locale
        int code = execute(environment, Inherited.arguments(args.length).toArray(String[]::new));
        System.out.flush();
        System.err.close();
        // without the shutdown of the JVM, which has no hooks to run, but a cache to write in training
        ProcessEnd.exit(code, training);
    }

    static int execute(Map<String, String> environment, String... args) {
        Optional<Integer> plain = FastPath.execute(environment, args);
        return plain.isPresent() ? plain.get() : RootCommand.execute(environment, args);
    }
}
