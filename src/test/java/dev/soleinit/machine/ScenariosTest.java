package dev.soleinit.machine;

import dev.soleinit.process.Child;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.Signal;
import dev.soleinit.process.SpawnError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Stories in {@code scenarios/*.txt}: a line {@code SECONDS EVENT…} goes in, lines that begin with
 * {@code =} come out. A first line {@code notify} makes readiness something to wait for;
 * {@code watchdog N}, {@code giveup N}, {@code killmode M}, {@code never}, {@code check},
 * {@code reloadcommand}, {@code probed} and {@code preflight} set what their names say; settings add up;
 * {@code never plain} is how another init behaves.
 */
class ScenariosTest {
    private static final double MIDDLE = 0.5;

    static Stream<String> stories() throws IOException {
        try (Stream<Path> all = Files.list(Golden.path("scenarios"))) {
            return all.map(path -> path.getFileName().toString()).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("stories")
    void theStoryGoesAsTold(String name) throws IOException {
        StringBuilder told = new StringBuilder();
        State state = State.initial(Settings.defaults(), 0, 0);
        for (String line : Files.readAllLines(Golden.path("scenarios/" + name))) {
            if (line.startsWith("=")) {
                continue;
            }
            told.append(line).append('\n');
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (!Character.isDigit(line.charAt(0))) {
                state = State.initial(setting(state.settings(), line.split(" ")), 0, 0);
                continue;
            }
            String[] words = line.split(" ");
            long now = Math.round(Double.parseDouble(words[0]) * 1e9);
            Step step = SupervisorMachine.step(state, event(words, state, now), now, MIDDLE);
            state = step.state();
            told.append("= ").append(Telling.phase(state)).append(" | ")
                    .append(Telling.effects(step.effects())).append('\n');
        }
        Golden.check("scenarios/" + name, told.toString());
    }

    private static Settings setting(Settings s, String[] words) {
        return new Settings(words[0].equals("never") ? Settings.RestartPolicy.NEVER : s.restart(),
                s.backoffInitial(), s.backoffMax(), s.backoffJitter(), s.healthyAfter(),
                s.crashLoopAfter(), words[0].equals("giveup") ? Integer.parseInt(words[1])
                        : s.giveUpAfter(), s.stopTimeout(), s.containerStopTimeout(),
                s.forceGrace(), s.sweepGrace(), s.readyTimeout(),
                !words[0].equals("notify") && !words[0].equals("probed")
                        && s.readyWhenSpawned(), s.forwardTo(), s.rewrite(),
                s.successExit(), coordination(s.coordination(), words),
                words[0].equals("killmode") ? new LeftoverSettings(
                        LeftoverSettings.KillMode.valueOf(words[1]), s.leftovers().grace())
                        : s.leftovers(), words[0].equals("never") ? plainInit(words) : s.plainInit());
    }

    private static Optional<PlainInit> plainInit(String[] words) {
        return words.length > 1 && words[1].equals("plain")
                ? Optional.of(new PlainInit(true, Optional.of(2))) : Optional.empty();
    }

    private static Coordination coordination(Coordination c, String[] words) {
        return new Coordination(c.cooldown(), c.lookInterval(), c.sayInterval(), c.fenceTimeout(),
                c.looks() || words[0].equals("preflight"), c.reloadSignal(),
                c.reloadCommand() || words[0].equals("reloadcommand"),
                c.reloadProbed() || words[0].equals("probed"),
                c.reloadTold() || words[0].equals("notify"), words[0].equals("stopcommand"),
                c.checks() || words[0].equals("check"),
                words[0].equals("watchdog")
                        ? Duration.ofSeconds(Long.parseLong(words[1])) : c.watchdog());
    }

    private static Event event(String[] words, State state, long now) {
        long id = words.length > 2 && words[2].startsWith("#") ? Long.parseLong(words[2].substring(1))
                : 0;
        int pid = state.phase().current().map(run -> run.child().pid())
                .orElse((int) (100 + state.generation()));
        return switch (words[1]) {
            case "booted" -> new Event.Booted();
            case "stored" -> new Event.GenerationStored(state.generation(), words.length < 3
                    ? Optional.empty() : Optional.of(words[2]));
            case "forked" -> new Event.Forked(new Child(state.generation(), pid, 1));
            case "spawned" -> new Event.Spawned(new Child(state.generation(), pid, 1));
            case "missing" -> new Event.SpawnFailed(new SpawnError(SpawnError.Kind.NOT_FOUND,
                    "Cannot start 'x': no such program"));
            case "exit" -> new Event.Ended(pid, new ExitStatus.Exited(Integer.parseInt(words[2])));
            case "first-exit" -> new Event.Ended((int) (100 + state.generation()),
                    new ExitStatus.Exited(0));
            case "killed" -> new Event.Ended(pid, new ExitStatus.Signaled(
                    Signal.parse(words[2]), false));
            case "signal" -> new Event.SignalCame(Signal.parse(words[2]));
            case "deadline" -> new Event.DeadlinePassed();
            case "ready" -> new Event.ReadyTold(state.generation());
            case "leftovers" -> new Event.LeftoversFound("process 50 (child)");
            case "gone" -> new Event.LeftoversGone();
            case "nobody-left" -> new Event.NobodyLeft();
            case "start" -> new Event.StartAsked(id);
            case "stop" -> new Event.StopAsked(id, "stopped by a test");
            case "restart" -> restart(id, List.of(words));
            case "reload" -> new Event.ReloadAsked(id, List.of(words).contains("--no-check"));
            case "attached" -> new Event.AttachedTold(state.currentGeneration());
            case "fenced" -> new Event.FencedTold(state.currentGeneration());
            case "drained" -> new Event.DrainedTold(state.currentGeneration());
            case "failed" -> new Event.FailedTold(state.currentGeneration(), "cannot read it");
            case "reloaded" -> new Event.ReadyTold(state.generation());
            case "begin" -> new Event.WorkBegun(state.currentGeneration(), new Item(words[2],
                    "session", "", !List.of(words).contains("queued"), Optional.empty(), "", now));
            case "end" -> new Event.WorkEnded(state.currentGeneration(), words[2]);
            case "alive" -> new Event.AliveTold(state.currentGeneration());
            case "watchdog-is", "watchdog" -> new Event.WatchdogChanged(state.currentGeneration(),
                    Duration.ofSeconds(Long.parseLong(words[2])));
            case "detached" -> new Event.DetachedTold(state.currentGeneration());
            case "not-ready" -> new Event.NotReadyTold(state.generation());
            case "idle" -> new Event.Looked(state.currentGeneration(),
                    new Look(Look.Verdict.IDLE, ""));
            case "check-passed" -> new Event.CheckFinished(Long.parseLong(words[2]),
                    Optional.empty());
            case "check-failed" -> new Event.CheckFinished(Long.parseLong(words[2]),
                    Optional.of("unknown directive"));
            case "reload-ran" -> new Event.ReloadRan(state.generation(), words.length < 3
                    ? Optional.empty() : Optional.of("exited " + words[2]));
            case "hung" -> new Event.HungTold(state.currentGeneration(), "frozen");
            case "reloading" -> new Event.ReloadingTold(state.currentGeneration(),
                    words.length > 2 ? Math.round(Double.parseDouble(words[2]) * 1e9) : now);
            case "main" -> new Event.MainTold(state.currentGeneration(),
                    Integer.parseInt(words[2]), 7);
            case "extend" -> new Event.ExtendTold(state.currentGeneration(),
                    Duration.ofSeconds(Long.parseLong(words[2])));
            case "stop-ran" -> new Event.StopRan(state.currentGeneration(), words.length < 3
                    ? Optional.empty() : Optional.of("exited " + words[2]));
            case "kept" -> new Event.ManifestKept();
            case "not-kept" -> new Event.ManifestFailed("no space left");
            case "caller-left" -> new Event.CallerLeft(id);
            default -> throw new IllegalArgumentException("no such event: " + words[1]);
        };
    }

    /** As on the command line; without --drain it is the plain stop ladder. */
    private static Event restart(long id, List<String> words) {
        Mode mode = words.contains("--force") ? Mode.FORCE : words.contains("--safe") ? Mode.SAFE
                : words.contains("--drain") ? Mode.GRACEFUL : Mode.IMMEDIATE;
        Duration patience = Duration.ofSeconds(words.contains("--wait")
                ? Long.parseLong(words.get(words.indexOf("--wait") + 1)) : 300);
        Set<String> ignored = words.contains("--own-work")
                ? Set.of(words.get(words.indexOf("--own-work") + 1)) : Set.of();
        return new Event.RestartAsked(id, mode, Duration.ofSeconds(10), patience, ignored,
                words.contains("machine"), words.contains("--")
                        ? Optional.of(List.of("new", "words")) : Optional.empty(),
                words.contains("--assume-idle"), words.contains("--no-check"));
    }
}
