package dev.soleinit.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * Throws for a command line that lacks a command. Apart, because a class that throws picocli's
 * exceptions has the JVM read them from the jar at every start.
 */
public final class UsageErrors {
    private UsageErrors() {}

    public static int command(CommandSpec spec, String message) {
        throw new ParameterException(spec.commandLine(), message);
    }
}
