package dev.soleinit.supervisor;

import dev.soleinit.config.Configuration;
import dev.soleinit.statemachine.model.DaemonCommand;
import dev.soleinit.statemachine.model.Effect;
import dev.soleinit.statemachine.model.Event;
import dev.soleinit.statemachine.work.WorkItem;
import dev.soleinit.supervisor.children.CommandRunner;
import dev.soleinit.supervisor.daemon.ConfigFileMonitor;
import dev.soleinit.supervisor.daemon.DaemonConnection;
import dev.soleinit.supervisor.daemon.InterruptedWorkStore;
import dev.soleinit.supervisor.inbox.Inbox;
import dev.soleinit.supervisor.requests.PreflightService;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The effects that have to do with the daemon's work and files. Used on the loop's thread. */
final class DaemonEffects {
    private static final Duration RELOAD_TIMEOUT = Duration.ofSeconds(60);
    private static final int MAX_NAMES = 50;

    private final Configuration configuration;
    private final DaemonConnection attachment;
    private final InterruptedWorkStore resume;
    private final PreflightService preflights;
    private final CommandRunner helpers;
    private final ConfigFileMonitor files;
    private final Inbox inbox;

    DaemonEffects(Configuration configuration, DaemonConnection attachment, InterruptedWorkStore resume,
            PreflightService preflights, CommandRunner helpers, ConfigFileMonitor files, Inbox inbox) {
        this.configuration = configuration;
        this.attachment = attachment;
        this.resume = resume;
        this.preflights = preflights;
        this.helpers = helpers;
        this.files = files;
        this.inbox = inbox;
    }

    /** Who attaches with that token from now on is the daemon of that generation. */
    void expectDaemon(long generation, String token) {
        attachment.expectDaemon(generation, token);
    }

    /** Notes what the next generation will read, on the storage thread: it may be much. */
    void recordAppliedHash(long generation) {
        files.recordAppliedHash(generation);
    }

    /** On the storage thread, as the next one. */
    void keepConfiguration(String hash) {
        files.keep(hash);
    }

    void restoreConfiguration(String failed) {
        files.restore(failed);
    }

    void cannotKeep(String hash) {
        files.cannotKeep(hash);
    }

    void cannotRestore(String why) {
        files.cannotRestore(why);
    }

    void send(long generation, DaemonCommand notice) {
        attachment.send(generation, notice);
    }

    /** On the storage thread. */
    void saveManifest(Effect.SaveManifest keep) {
        inbox.post(kept(keep));
        if (keep.ended()) {
            inbox.run(() -> attachment.offerInterrupted(keep.generation()));
        }
    }

    private Event kept(Effect.SaveManifest keep) {
        try {
            resume.save(keep);
            return new Event.ManifestSaved(keep.attempt());
        } catch (IOException full) {
            return new Event.ManifestFailed(keep.attempt(), full.getMessage() + (keep.ended()
                    ? "; until this supervisor ends it has " + names(keep.left()) : ""));
        } catch (OutOfMemoryError tooMuch) {
            return new Event.ManifestFailed(keep.attempt(),
                    "not enough memory for so many checkpoints");
        }
    }

    /** Where the disk does not take them, the log has to have them. */
    private static String names(List<WorkItem> left) {
        StringBuilder names = new StringBuilder();
        for (int i = 0; i < Math.min(left.size(), MAX_NAMES); i++) {
            names.append(i == 0 ? "" : ", ").append(left.get(i).kind()).append(' ')
                    .append(left.get(i).id());
        }
        return left.size() > MAX_NAMES ? names.append(" and ").append(left.size() - MAX_NAMES)
                .append(" more").toString() : names.toString();
    }

    void runPreflight(long generation, long now) {
        preflights.runCommand(generation, now);
    }

    void check(long run, long generation, long now) {
        helpers.run(configuration.changes().check(), generation, ConfigFileMonitor.CHECK_TIMEOUT, now,
                result -> inbox.post(new Event.CheckFinished(run, result.code() == 0
                        ? Optional.empty() : Optional.of(checkFailure(result)))));
    }

    private static String checkFailure(CommandRunner.Result result) {
        String line = PreflightService.firstLine(result.output());
        return result.code() < 0 ? "it could not be run: " + line
                : line.isEmpty() ? "exit " + result.code() : line;
    }

    void reload(long next, long now) {
        helpers.run(configuration.commands().reload(), next, RELOAD_TIMEOUT, now, result -> inbox.post(
                new Event.ReloadCommandFinished(next, failure("the reload command", result))));
    }

    void stop(long generation, long now) {
        helpers.run(configuration.commands().stop(), generation,
                configuration.policy().stop().timeout(), now,
                result -> inbox.post(
                        new Event.StopCommandFinished(generation, failure("the stop command", result))));
    }

    private static Optional<String> failure(String what, CommandRunner.Result result) {
        return result.code() == 0 ? Optional.empty() : Optional.of(what + (result.code() < 0
                ? " gave no answer" : " exited " + result.code()) + ": " + result.output());
    }
}
