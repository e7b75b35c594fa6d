package dev.soleinit.lifecycle;

import java.util.Map;

/** Has kept sockets begin with another descriptor than 3, which this JVM needs itself. */
public final class InheritedDescriptor {
    private InheritedDescriptor() {}

    public static EmbeddedLifecycle lifecycle(Map<String, String> environment, int first) {
        return EmbeddedLifecycle.of(environment, first);
    }
}
