package dev.soleinit.supervisor;

import dev.soleinit.statemachine.state.State;
import dev.soleinit.storage.EventJournal;
import dev.soleinit.supervisor.outside.HttpReporter;
import dev.soleinit.supervisor.reporting.StatusReport;
import java.util.Map;

/** What is shown over HTTP beside the state. Used on the loop's thread. */
record LoopSource(EventLoop loop, StatusReport report, EventJournal events)
        implements HttpReporter.Source {
    @Override
    public State state() {
        return loop.state();
    }

    @Override
    public Map<String, Object> status() {
        return report.build(loop.state(), loop.now());
    }

    @Override
    public String statusText() {
        return loop.statusText();
    }

    @Override
    public long orphansReaped() {
        return loop.orphansReaped();
    }

    @Override
    public long signalsForwarded() {
        return loop.signalsForwarded();
    }

    @Override
    public long eventsDropped() {
        return events.dropped();
    }
}
