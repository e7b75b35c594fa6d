package dev.soleinit.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Turns what a daemon says into words, or says what is wrong with it. Stateless. */
final class DaemonMessageParser {
    static final List<String> METHODS = List.of("attach", "work.begin", "work.end", "work.report",
            "ready", "drained", "failed", "resume.claim", "resume.confirm");
    private static final int MAX_ID = 128;
    private static final int MAX_KIND = 32;
    private static final int MAX_DESCRIPTION = 80;
    private static final int MAX_CHECKPOINT = 4 * 1024;
    private static final int MAX_TIME = 64;

    private DaemonMessageParser() {}

    static DaemonMessage read(String method, Params params) throws BadRequest {
        return switch (method) {
            case "attach" -> new DaemonMessage.Attach(params.text("token").orElse(""),
                    params.number("generation").orElse(0L), protocol(params));
            case "work.begin" -> new DaemonMessage.WorkBegin(item(params));
            case "work.end" -> new DaemonMessage.WorkEnd(id(params));
            case "work.report" -> report(params);
            case "ready" -> new DaemonMessage.Ready(params.number("generation"));
            case "drained" -> new DaemonMessage.Drained();
            case "failed" -> new DaemonMessage.Failed(shortened(params.text("reason").orElse(""), 500));
            case "resume.claim" -> new DaemonMessage.Claim();
            case "resume.confirm" -> new DaemonMessage.Confirm(id(params));
            default -> throw new IllegalArgumentException(method);
        };
    }

    private static long protocol(Params params) throws BadRequest {
        long highest = params.number("protocol").orElse(1L);
        if (highest < 1) {
            throw new BadRequest(ErrorCodes.INVALID_PARAMS, "parameter 'protocol' is the highest "
                    + "version that the daemon speaks, 1 at the least");
        }
        return highest;
    }

    private static DaemonMessage report(Params params) throws BadRequest {
        List<ReportedWork> items = new ArrayList<>();
        for (Map<?, ?> one : params.objects("items")) {
            Params each = new Params(one);
            items.add(item(each));
            each.rejectUnknown();
        }
        return new DaemonMessage.WorkReport(items);
    }

    private static ReportedWork item(Params params) throws BadRequest {
        Optional<String> checkpoint = params.text("checkpoint");
        if (checkpoint.isPresent() && checkpoint.get().length() > MAX_CHECKPOINT) {
            throw new BadRequest(ErrorCodes.INVALID_PARAMS, "parameter 'checkpoint' has at most "
                    + MAX_CHECKPOINT + " characters");
        }
        Optional<String> startedAt = params.text("startedAt");
        if (startedAt.isPresent() && startedAt.get().length() > MAX_TIME) {
            throw new BadRequest(ErrorCodes.INVALID_PARAMS, "parameter 'startedAt' has at most "
                    + MAX_TIME + " characters");
        }
        return new ReportedWork(id(params), shortened(params.text("kind").orElse("task"), MAX_KIND),
                shortened(params.text("description").orElse(""), MAX_DESCRIPTION),
                params.flag("running", true), checkpoint, startedAt);
    }

    private static String id(Params params) throws BadRequest {
        String id = params.text("id").orElse("");
        if (id.isBlank() || id.length() > MAX_ID) {
            throw new BadRequest(ErrorCodes.INVALID_PARAMS, "parameter 'id' must be a string of 1 "
                    + "to " + MAX_ID + " characters");
        }
        return id;
    }

    private static String shortened(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most - 1) + "…";
    }
}
