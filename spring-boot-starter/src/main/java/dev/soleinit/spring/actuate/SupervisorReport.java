package dev.soleinit.spring.actuate;

import dev.soleinit.lifecycle.EmbeddedLifecycle;
import java.util.LinkedHashMap;
import java.util.Map;

/** What can be said of the supervisor, for health and info alike. */
record SupervisorReport(EmbeddedLifecycle lifecycle) {
    Map<String, Object> details() {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("generation", lifecycle.generation());
        details.put("attached", lifecycle.isAttached());
        lifecycle.instance().ifPresent(instance -> details.put("instance", instance));
        details.put("activeWork", lifecycle.gate().active());
        details.put("fenced", lifecycle.gate().isFenced());
        return details;
    }
}
