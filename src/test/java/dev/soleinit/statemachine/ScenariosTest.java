package dev.soleinit.statemachine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.soleinit.process.Child;
import dev.soleinit.process.ExitStatus;
import dev.soleinit.process.RestartMode;
import dev.soleinit.process.Signal;
import dev.soleinit.process.SpawnError;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.model.Phase;
import dev.soleinit.statemachine.settings.ExitSettings.RestartPolicy;
import dev.soleinit.statemachine.settings.LeftoverSettings;
import dev.soleinit.statemachine.settings.PlainInit;
import dev.soleinit.statemachine.settings.Policy;
import dev.soleinit.statemachine.settings.ReadySettings.Source;
import dev.soleinit.statemachine.settings.ReloadSettings;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.statemachine.state.Step;
import dev.soleinit.statemachine.work.PreflightVerdict;
import dev.soleinit.statemachine.work.WorkItem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Stories in {@code scenarios/*.txt}: a line {@code SECONDS EVENT…} goes in, lines that begin with
 * {@code =} come out. A first line {@code notify} makes readiness something to wait for;
 * {@code watchdog N}, {@code giveup N}, {@code restartexit N}, {@code killmode M}, {@code never},
 * {@code lastgood N}, {@code onfailure}, {@code check}, {@code stopcommand}, {@code stopdelay N}, {@code reloadcommand},
 * {@code probed} and {@code preflight} set what their names say; settings add up; {@code never plain} is
 * how another init behaves. {@code SECONDS other EVENT…} is of the process beside the current one.
 */
class ScenariosTest {
    private static final double MIDDLE = 0.5;
    private static final Path SOURCE =
            Path.of("src/test/java/dev/soleinit/statemachine/ScenariosTest.java");
    private static final Pattern CASE = Pattern.compile("(?m)^ {12}case \"[^>]*->");
    private static final Pattern QUOTED = Pattern.compile("\"([a-z-]+)\"");

    static Stream<String> stories() throws IOException {
        try (Stream<Path> all = Files.list(GoldenFile.path("scenarios"))) {
            return all.map(path -> path.getFileName().toString()).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("stories")
    void scenarioMatchesGoldenFile(String name) throws IOException {
        GoldenFile.check("scenarios/" + name, transcript(name, (_, _) -> { }));
    }

    /** Of a kind of which no story tells nobody has read what it does. */
    @Test
    void eachEventAndEachEffectIsOfAStory() throws IOException {
        Set<String> events = new TreeSet<>();
        Set<String> effects = new TreeSet<>();
        for (String name : stories().toList()) {
            transcript(name, (event, step) -> {
                events.add(Kinds.name(event));
                step.effects().forEach(effect -> effects.add(Kinds.name(effect)));
            });
        }
        Kinds.checkAllMet(Event.class, events, "write a story in " + GoldenFile.path("scenarios")
                + ", with a word for it in event() of this class");
        Kinds.checkAllMet(Effect.class, effects, "write a story in " + GoldenFile.path("scenarios")
                + " in which it is performed");
    }

    private static String transcript(String name, BiConsumer<Event, Step> listener) throws IOException {
        StringBuilder told = new StringBuilder();
        State state = State.initial(Policy.defaults(), 0, 0);
        for (String line : Files.readAllLines(GoldenFile.path("scenarios/" + name))) {
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
            Event event = told(words, state, now);
            Step step = SupervisorStateMachine.step(state, event, now, MIDDLE);
            listener.accept(event, step);
            state = step.state();
            told.append("= ").append(TransitionFormatter.phase(state)).append(" | ")
                    .append(TransitionFormatter.effects(step.effects())).append('\n');
        }
        return told.toString();
    }

    /** This file's own text is read, since a word is nothing but a case of it. */
    @Test
    void eachWordIsToldOfAndUsedByAStory() throws IOException {
        String source = Files.readString(SOURCE);
        Set<String> settings = words(source, "Policy setting(");
        Set<String> events = words(source, "Event event(");
        String told = source.substring(source.indexOf("/**"), source.indexOf("class ScenariosTest"));
        assertEquals(List.of(), settings.stream().filter(word -> !told.matches(
                "(?s).*\\{@code " + word + "[ }].*")).toList(), "name it in the sentences above");
        for (String name : stories().toList()) {
            for (String line : Files.readAllLines(GoldenFile.path("scenarios/" + name))) {
                settings.remove(line.split(" ")[0]);
                events.remove(line.matches("\\d.*") ? line.replace(" other ", " ").split(" ")[1] : "");
            }
        }
        assertEquals(Set.of(), settings, "no story uses these");
        assertEquals(Set.of(), events, "no story uses these");
    }

    private static Set<String> words(String source, String method) {
        int begin = source.indexOf("static " + method);
        String body = source.substring(begin, source.indexOf("\n    }\n", begin));
        return CASE.matcher(body).results().flatMap(match -> QUOTED.matcher(match.group()).results())
                .map(match -> match.group(1)).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Policy setting(Policy s, String[] words) {
        PolicyBuilder next = PolicyBuilder.from(s);
        ReloadSettings reload = s.reload();
        switch (words[0]) {
            case "never" -> next.restart(RestartPolicy.NEVER).plainInit(plainInit(words));
            case "onfailure" -> next.restart(RestartPolicy.ON_FAILURE);
            case "restartexit" -> next.restartMe(Set.of(Integer.parseInt(words[1])));
            case "lastgood" -> next.lastGoodAfter(Integer.parseInt(words[1]));
            case "giveup" -> next.giveUpAfter(Integer.parseInt(words[1]));
            case "notify" -> next.readyBy(Source.NOTIFY)
                    .reload(reload.command(), reload.probed(), true);
            case "probed" -> next.readyBy(Source.PROBE)
                    .reload(reload.command(), true, reload.notifies());
            case "reloadcommand" -> next.reload(true, reload.probed(), reload.notifies());
            case "preflight" -> next.preflight(true);
            case "stopcommand" -> next.stopCommand(true);
            case "stopdelay" -> next.stopDelay(Duration.ofSeconds(3));
            case "check" -> next.checks(true);
            case "watchdog" -> next.watchdog(Duration.ofSeconds(Long.parseLong(words[1])));
            case "killmode" -> next.leftovers(LeftoverSettings.KillMode.valueOf(words[1]),
                    s.leftovers().grace());
            default -> throw new IllegalArgumentException("no setting is called " + words[0]);
        }
        return next.build();
    }

    private static Optional<PlainInit> plainInit(String[] words) {
        return words.length > 1 && words[1].equals("plain")
                ? Optional.of(new PlainInit(true, Optional.of(2))) : Optional.empty();
    }

    private static Event told(String[] words, State state, long now) {
        return words[1].equals("other") ? event(Arrays.copyOfRange(words, 1, words.length),
                state.beside(state.other().orElseThrow()), now) : event(words, state, now);
    }

    private static Event event(String[] words, State state, long now) {
        long id = words.length > 2 && words[2].startsWith("#") ? Long.parseLong(words[2].substring(1))
                : 0;
        int pid = state.phase().current().map(run -> run.child().pid())
                .orElse((int) (100 + state.generation()));
        return switch (words[1]) {
            case "booted" -> new Event.Booted();
            case "stored" -> new Event.GenerationPersisted(state.generation(), words.length < 3
                    ? Optional.empty() : Optional.of(words[2]));
            case "forked" -> new Event.Forked(new Child(state.generation(), pid, 1));
            case "spawned" -> new Event.Spawned(new Child(state.generation(), pid, 1));
            case "missing" -> new Event.SpawnFailed(state.generation(), new SpawnError(SpawnError.Kind.NOT_FOUND,
                    "Cannot start 'x': no such program"));
            case "exit" -> new Event.ChildExited(pid, new ExitStatus.Exited(Integer.parseInt(words[2])));
            case "first-exit" -> new Event.ChildExited((int) (100 + state.generation()),
                    new ExitStatus.Exited(0));
            case "killed" -> new Event.ChildExited(pid, new ExitStatus.Signaled(
                    Signal.parse(words[2]), false));
            case "signal" -> new Event.SignalReceived(Signal.parse(words[2]));
            case "signal-asked" -> new Event.SignalRequested(id, Signal.USR1);
            case "begin-of" -> new Event.WorkBegun(Long.parseLong(words[2]), new WorkItem(words[3],
                    "session", "", true, Optional.empty(), "", now));
            case "deadline" -> new Event.DeadlinePassed();
            case "ready" -> new Event.DaemonReady(state.generation(), state.settings().ready().source());
            case "ready-by" -> new Event.DaemonReady(state.currentGeneration(), Source.valueOf(words[2]));
            case "leftovers" -> new Event.LeftoversFound(ended(state), "process 50 (child)");
            case "gone" -> new Event.LeftoversGone(ended(state));
            case "nobody-left" -> new Event.AllProcessesGone();
            case "start" -> new Event.StartRequested(id);
            case "stop" -> new Event.StopRequested(id, "stopped by a test");
            case "restart" -> restart(id, List.of(words));
            case "reload" -> new Event.ReloadRequested(id, List.of(words).contains("--no-check"));
            case "attached" -> new Event.DaemonAttached(state.currentGeneration());
            case "fenced" -> new Event.DaemonFenced(state.currentGeneration());
            case "drained" -> new Event.DaemonDrained(state.currentGeneration());
            case "failed" -> new Event.DaemonFailed(state.currentGeneration(), "cannot read it");
            case "reloaded" -> new Event.DaemonReady(state.generation(), Source.ATTACH);
            case "begin" -> new Event.WorkBegun(state.currentGeneration(), new WorkItem(words[2],
                    "session", "", !List.of(words).contains("queued"), Optional.empty(), "", now));
            case "reports" -> new Event.WorkReported(state.currentGeneration(),
                    Arrays.stream(words).skip(2).map(item -> new WorkItem(item, "session", "", true,
                            Optional.empty(), "", now)).toList());
            case "stopping" -> new Event.DaemonStopping(state.currentGeneration());
            case "end" -> new Event.WorkEnded(state.currentGeneration(), words[2]);
            case "alive" -> new Event.WatchdogPing(state.currentGeneration());
            case "watchdog-is", "watchdog" -> new Event.WatchdogChanged(state.currentGeneration(),
                    Duration.ofSeconds(Long.parseLong(words[2])));
            case "detached" -> new Event.DaemonDetached(state.currentGeneration());
            case "not-ready" -> new Event.DaemonNotReady(state.generation());
            case "idle" -> new Event.PreflightFinished(words.length > 2 ? Long.parseLong(words[2])
                    : state.currentGeneration(),
                    new PreflightVerdict(PreflightVerdict.Verdict.IDLE, ""));
            case "check-passed" -> new Event.CheckFinished(Long.parseLong(words[2]),
                    Optional.empty());
            case "check-failed" -> new Event.CheckFinished(Long.parseLong(words[2]),
                    Optional.of("unknown directive"));
            case "reload-ran" -> new Event.ReloadCommandFinished(state.generation(), words.length < 3
                    ? Optional.empty() : Optional.of("exited " + words[2]));
            case "hung" -> new Event.DaemonHung(state.currentGeneration(), "frozen");
            case "reloading" -> new Event.DaemonReloading(state.currentGeneration(),
                    words.length > 2 ? Math.round(Double.parseDouble(words[2]) * 1e9) : now);
            case "main" -> new Event.MainPidChanged(state.currentGeneration(),
                    Integer.parseInt(words[2]), 7);
            case "extend" -> new Event.TimeoutExtended(state.currentGeneration(),
                    Duration.ofSeconds(Long.parseLong(words[2])));
            case "stop-ran" -> new Event.StopCommandFinished(state.currentGeneration(), words.length < 3
                    ? Optional.empty() : Optional.of("exited " + words[2]));
            case "kept" -> new Event.ManifestSaved(attempt(words, state));
            case "not-kept" -> new Event.ManifestFailed(attempt(words, state), "no space left");
            case "reads" -> new Event.ConfigurationRead(state.generation(), words[2]);
            case "config-kept" -> new Event.ConfigurationKept(words[2], true);
            case "config-not-kept" -> new Event.ConfigurationKept(words[2], false);
            case "restored" -> new Event.ConfigurationRestored(true, "put back");
            case "not-restored" -> new Event.ConfigurationRestored(false, "no space left");
            case "caller-left" -> new Event.CallerDisconnected(id);
            default -> throw new IllegalArgumentException("no such event: " + words[1]);
        };
    }

    /** As on the command line; without --drain it is the plain stop ladder. */
    private static Event restart(long id, List<String> words) {
        RestartMode mode = words.contains("--force") ? RestartMode.FORCE : words.contains("--safe") ? RestartMode.SAFE
                : words.contains("--drain") ? RestartMode.GRACEFUL : RestartMode.IMMEDIATE;
        Duration patience = Duration.ofSeconds(words.contains("--wait")
                ? Long.parseLong(words.get(words.indexOf("--wait") + 1)) : 300);
        Set<String> ignored = words.contains("--own-work")
                ? Set.of(words.get(words.indexOf("--own-work") + 1)) : Set.of();
        return new Event.RestartRequested(id, mode, Duration.ofSeconds(10), patience, ignored,
                words.contains("machine"), words.contains("--")
                        ? Optional.of(List.of("new", "words")) : Optional.empty(),
                words.contains("--assume-idle"), words.contains("--no-check"),
                words.contains("--overlap"));
    }

    private static int ended(State state) {
        return state.phase() instanceof Phase.ClearingLeftovers clearing ? clearing.child().pid() : 0;
    }

    /** The newest, if none is named. */
    private static long attempt(String[] words, State state) {
        return words.length > 2 ? Long.parseLong(words[2]) : state.history().manifests();
    }
}
