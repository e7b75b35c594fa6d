package dev.soleinit.supervisor.outside;

import dev.soleinit.config.Configuration;
import dev.soleinit.config.Setting;
import dev.soleinit.http.HttpServer;
import dev.soleinit.http.metrics.MetricFamily;
import dev.soleinit.http.page.PageContent;
import dev.soleinit.http.Published;
import dev.soleinit.process.ListenAddress;
import dev.soleinit.process.SupervisorExit;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.supervisor.inbox.Inbox;
import dev.soleinit.supervisor.reporting.EventLog;
import dev.soleinit.supervisor.reporting.LogWriter;
import dev.soleinit.supervisor.reporting.StateNames;
import dev.soleinit.supervisor.startup.BackgroundThreads;
import dev.soleinit.supervisor.startup.StartupException;
import java.io.IOException;
import java.net.BindException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes what the HTTP server shows: whether the daemon is ready with each change, everything else
 * when somebody wants to see it, a few times a second at the most. Used on the loop's thread.
 */
public final class HttpReporter implements Published.Loop {
    private static final Logger LOG = LoggerFactory.getLogger("soleinit");

    /** What the loop knows beside the state. */
    public interface Source {
        State state();

        /** The object of {@code status --json}. */
        Map<String, Object> status();

        /** The daemon's own, of sd_notify. */
        String statusText();

        long orphansReaped();

        long signalsForwarded();

        long eventsDropped();
    }

    private final Inbox inbox;
    private final Source source;
    private final LongSupplier eventsNotGiven;
    private final LifeMetrics life;
    private final Published published = new Published(this);
    private final HttpServer server;
    private final Runnable turned = new Runnable() {
        @Override
        public void run() {
            published.turned();
        }
    };
    private final Runnable publish = new Runnable() {
        @Override
        public void run() {
            publish();
        }
    };
    private String lastReadiness = "";

    private HttpReporter(ListenAddress address, Configuration configuration, Inbox inbox, Source source,
            LongSupplier eventsNotGiven) {
        this.eventsNotGiven = eventsNotGiven;
        this.inbox = inbox;
        this.source = source;
        this.life = new LifeMetrics(configuration.policy().exits().restartMe());
        this.server = new HttpServer(address, published, new PageContent(settings(configuration),
                configuration.compat().isPresent() ? Optional.empty()
                        : Optional.of(configuration.directories().state())));
    }

    /**
     * Listens.
     *
     * @throws StartupException if the address cannot be had
     */
    public static HttpReporter open(ListenAddress address, Configuration configuration, Inbox inbox,
            EventLog journal, Source source, LongSupplier eventsNotGiven) {
        HttpReporter reporter = new HttpReporter(address, configuration, inbox, source, eventsNotGiven);
        String where = "Cannot serve HTTP on " + address.words() + ": ";
        try {
            reporter.server.open();
            LOG.info("serves HTTP on {}{}", address.words(),
                    address.words().endsWith(":0") ? ", which is port " + reporter.server.port() : "");
        } catch (BindException taken) {
            boolean permitted = !String.valueOf(taken.getMessage()).contains("ermission");
            throw new StartupException(permitted ? SupervisorExit.TAKEN : SupervisorExit.CONFIGURATION,
                    where + taken.getMessage() + "; end what listens there, or give another --http");
        } catch (IOException | RuntimeException unusable) {
            throw new StartupException(SupervisorExit.CONFIGURATION,
                    where + unusable.getMessage() + "; give another --http");
        }
        journal.observe(reporter.life, reporter.published);
        return reporter;
    }

    /** Begins to answer. */
    public void start(BackgroundThreads threads) {
        threads.require("http", new Runnable() {
            @Override
            public void run() {
                server.start(threads.factory());
            }
        });
    }

    /** What is given to the daemon's environment may be a secret. */
    private static List<PageContent.Row> settings(Configuration configuration) {
        List<PageContent.Row> rows = new ArrayList<>();
        for (Setting setting : Setting.values()) {
            Configuration.Value value = configuration.values().get(setting);
            List<String> texts = setting == Setting.ENV ? namesOnly(value.texts()) : value.texts();
            rows.add(new PageContent.Row(setting.key(), String.join(" ", texts), value.origin()));
        }
        return rows;
    }

    private static List<String> namesOnly(List<String> variables) {
        List<String> names = new ArrayList<>();
        for (String variable : variables) {
            names.add(variable.split("=", 2)[0] + "=…");
        }
        return names;
    }

    void follow(State state, long now) {
        life.follow(state, now);
        String word = StateNames.state(state);
        String next = word + " " + state.currentGeneration();
        if (!next.equals(lastReadiness)) {
            lastReadiness = next;
            published.readiness(new Published.Readiness(word, StateNames.ready(state),
                    state.currentGeneration(), life.everReady()));
        }
    }

    void fallenBack() {
        published.fallenBack();
    }

    void close() {
        server.close();
    }

    // ---- from the server's thread

    @Override
    public void requestTurn() {
        inbox.run(turned);
    }

    @Override
    public void requestSnapshot() {
        inbox.run(publish);
    }

    // ---- on the loop's thread again

    /** For those who look on: nothing that fails in it may end the loop. */
    private void publish() {
        try {
            List<MetricFamily> metrics = life.families();
            metrics.add(MetricFamily.counter("soleinit_signals_forwarded",
                    "Signals to the supervisor that went on to the daemon.", source.signalsForwarded()));
            metrics.add(MetricFamily.counter("soleinit_orphans_reaped",
                    "Orphans that were collected.", source.orphansReaped()));
            metrics.add(MetricFamily.counter("soleinit_log_lines_dropped",
                    "Log lines that nobody read in time.", LogWriter.droppedLines()));
            metrics.add(MetricFamily.counter("soleinit_events_dropped",
                    "Lines of the event journal that never reached the disk.",
                    source.eventsDropped()));
            metrics.add(MetricFamily.counter("soleinit_on_event_dropped",
                    "Events that the command of --on-event never got.", eventsNotGiven.getAsLong()));
            published.snapshot(new Published.Snapshot(source.status(), metrics, System.nanoTime()));
        } catch (RuntimeException ours) {
            LOG.error("unexpected error while the status is published", ours);
            published.noSnapshot();
        }
    }
}
