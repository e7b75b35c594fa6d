package dev.soleinit.supervisor;

import dev.soleinit.os.Kernel;
import dev.soleinit.statemachine.state.State;
import dev.soleinit.storage.EventJournal;
import dev.soleinit.supervisor.daemon.ConfigFileMonitor;
import dev.soleinit.supervisor.daemon.InterruptedWorkStore;
import dev.soleinit.supervisor.reporting.StatusReport;
import dev.soleinit.supervisor.requests.RequestRegistry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** What the status shows beside the state. Used on the loop's thread, which is made after this. */
record LoopStatus(Kernel os, String instance, RequestRegistry requests, InterruptedWorkStore resume,
        ConfigFileMonitor files, EffectExecutor effects, EventJournal events, Supplier<EventLoop> loop)
        implements StatusReport.StatusSource {
    @Override
    public List<String> listening() {
        return os.listeningOn();
    }

    @Override
    public List<String> storedDescriptors() {
        return os.descriptorStore().names();
    }

    @Override
    public int resumable() {
        return resume.candidates();
    }

    @Override
    public List<Map<String, Object>> waiting(State state, long now) {
        return requests.waiting(state, now);
    }

    @Override
    public Optional<Map<String, Object>> refused() {
        return requests.refused();
    }

    @Override
    public void describeFiles(Map<String, Object> fields) {
        files.describe(fields);
    }

    @Override
    public int supervisorPid() {
        return os.self();
    }

    @Override
    public long orphansReaped() {
        return loop.get().orphansReaped();
    }

    @Override
    public String statusText() {
        return loop.get().statusText();
    }

    @Override
    public boolean generationIsDurable() {
        return effects.generationIsDurable();
    }

    @Override
    public long journalLinesDropped() {
        return events.dropped();
    }
}
