package dev.soleinit.supervisor.requests;

import dev.soleinit.control.IncomingRequest;
import dev.soleinit.control.ReplyTo;
import dev.soleinit.control.Request;
import dev.soleinit.storage.EventJournal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Those who follow the event journal over the socket. Used on the loop's thread. */
public final class EventSubscribers {
    private final EventJournal journal;
    private final List<ReplyTo> followers = new ArrayList<>();

    public EventSubscribers(EventJournal journal) {
        this.journal = journal;
        journal.listen(this::publish);
    }

    public void add(IncomingRequest call, Request.Subscribe subscribe) {
        ReplyTo reply = call.replyTo();
        List<String> past = journal.since(subscribe.since().orElse(0L));
        reply.result(Map.of("events", (long) past.size(), "following", subscribe.follow()));
        past.forEach(line -> reply.notice("event", Map.of("line", line)));
        if (subscribe.follow()) {
            followers.add(reply);
        } else {
            reply.notice("end", Map.of());
        }
    }

    private void publish(String line) {
        followers.removeIf(ReplyTo::isClosed);
        followers.forEach(reply -> reply.notice("event", Map.of("line", line)));
    }
}
