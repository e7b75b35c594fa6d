package dev.soleinit.supervisor.children;

import dev.soleinit.config.CompatMode;
import dev.soleinit.config.Configuration;
import dev.soleinit.os.Kernel;
import dev.soleinit.os.Kernel.Identity;
import dev.soleinit.os.Kernel.Limits;
import dev.soleinit.os.Kernel.Passed;
import dev.soleinit.os.Kernel.SpawnManner;
import dev.soleinit.os.Kernel.SpawnRequest;
import dev.soleinit.os.Kernel.SpawnResult;
import dev.soleinit.process.Child;
import dev.soleinit.process.Grouping;
import dev.soleinit.process.Inherited;
import dev.soleinit.statemachine.model.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Starts generations, and probes in the same surroundings. Used on the loop's thread. */
public final class Spawner {
    private final Kernel os;
    private final Configuration configuration;
    private final ChildEnvironment environment;
    private final Optional<Identity> identity;
    private final SpawnManner manner;
    private final boolean foreground;
    private String invocationId = "";
    /** Null where nothing is prepared. */
    private Start prepared;

    /** A start of the daemon, and what it was made from. */
    private record Start(long generation, Optional<List<String>> arguments, String token,
            List<String> stored, SpawnRequest request) {
        boolean isFor(long wanted, Optional<List<String>> otherArguments, List<String> nowStored) {
            return generation == wanted && arguments.equals(otherArguments) && stored.equals(nowStored);
        }
    }

    public Spawner(Kernel os, Configuration configuration, ChildEnvironment environment,
            Optional<Identity> identity) {
        this.os = os;
        this.configuration = configuration;
        this.environment = environment;
        this.identity = identity;
        this.manner = configuration.compat().map(Spawner::manner).orElse(SpawnManner.USUAL);
        this.foreground = os.hasTerminal() && manner.grouping() != Grouping.SAME_GROUP;
    }

    private static SpawnManner manner(CompatMode mode) {
        return new SpawnManner(mode.grouping(), true, Inherited.signals());
    }

    /**
     * Starts the daemon; {@code arguments} take the place of the command's own, and with {@code beside}
     * another one runs, which shares what is kept for them.
     */
    public Event start(long generation, Optional<List<String>> arguments, String token, boolean beside) {
        List<String> stored = os.descriptorStore().names();
        boolean isReady = !beside && prepared != null && prepared.token().equals(token)
                && prepared.isFor(generation, arguments, stored);
        SpawnRequest request = isReady ? prepared.request()
                : request(generation, arguments, token, stored, beside ? Passed.SHARED : Passed.ALONE);
        prepared = null;
        invocationId = ChildEnvironment.invocationId(request.environment());
        return switch (os.spawn(request)) {
            case SpawnResult.Started(int pid, long ticks) ->
                    new Event.Forked(new Child(generation, pid, ticks));
            case SpawnResult.Failed(var error) -> new Event.SpawnFailed(generation, error);
        };
    }

    private SpawnRequest request(long generation, Optional<List<String>> arguments, String token,
            List<String> stored, Passed passed) {
        return request(command(arguments), environment.of(generation, token, stored), foreground, false,
                Optional.empty(), true, passed);
    }

    /** What the next daemon proves with that it is this supervisor's. */
    public String newToken() {
        return prepared == null ? environment.nextId() : prepared.token();
    }

    /** Does before it is needed what any start would have to wait for. */
    public void prepare() {
        environment.stockIds();
    }

    /** Prepares this very start, while the disk takes its number. */
    public void prepare(long generation, Optional<List<String>> arguments) {
        List<String> stored = os.descriptorStore().names();
        if (prepared == null || !prepared.isFor(generation, arguments, stored)) {
            String token = environment.nextId();
            prepared = new Start(generation, arguments, token, stored,
                    request(generation, arguments, token, stored, Passed.ALONE));
            os.prepare(prepared.request());
        }
    }

    /** What {@link #prepare} does, for no start. */
    public void rehearse() {
        if (prepared == null) {
            SpawnRequest none = request(0, Optional.empty(), "", os.descriptorStore().names(),
                    Passed.ALONE);
            os.prepare(none);
            environment.giveBack(ChildEnvironment.invocationId(none.environment()));
        }
    }

    /** INVOCATION_ID of the last start. */
    public String invocationId() {
        return invocationId;
    }

    /** Starts a probe of the daemon. */
    public SpawnResult probe(List<String> command, long generation) {
        return os.spawn(request(command, environment.of(generation), false, false, Optional.empty(),
                false, Passed.NOTHING));
    }

    /** Starts a command whose output goes into a pipe of the supervisor's. */
    public SpawnResult helper(List<String> command, long generation) {
        return os.spawn(request(command, environment.of(generation), false, true, Optional.empty(),
                false, Passed.NOTHING));
    }

    /** The same with something on its standard input. */
    public SpawnResult helper(List<String> command, long generation, byte[] input) {
        return os.spawn(request(command, environment.of(generation), false, true, Optional.of(input),
                false, Passed.NOTHING));
    }

    public List<String> command(Optional<List<String>> arguments) {
        if (arguments.isEmpty()) {
            return configuration.daemon().command();
        }
        List<String> changed = new ArrayList<>(configuration.daemon().command().subList(0, 1));
        changed.addAll(arguments.get());
        return changed;
    }

    private SpawnRequest request(List<String> command, List<String> variables,
            boolean onTerminal, boolean captured, Optional<byte[]> input, boolean daemon, Passed passed) {
        OptionalInt umask = configuration.daemon().umask().isPresent() ? configuration.daemon().umask()
                : Inherited.umask();
        return new SpawnRequest(command, variables, configuration.daemon().chdir(),
                identity, umask, onTerminal, daemon ? manner : SpawnManner.USUAL, Optional.empty(),
                captured, input, passed, daemon, Limits.inherited());
    }
}
