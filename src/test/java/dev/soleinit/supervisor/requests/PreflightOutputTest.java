package dev.soleinit.supervisor.requests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.soleinit.statemachine.work.Blocker;
import dev.soleinit.statemachine.work.PreflightVerdict;
import dev.soleinit.statemachine.work.PreflightVerdict.Verdict;
import dev.soleinit.supervisor.children.CommandRunner.Result;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PreflightOutputTest {
    private static PreflightVerdict read(int code, String output) {
        return PreflightOutput.read(new Result(code, output));
    }

    @Test
    void withoutAnObjectTheExitCodeSaysIt() {
        assertEquals(new PreflightVerdict(Verdict.IDLE, "fine"), read(0, "fine\n{\"unsafe\": 1}"));
        assertEquals(new PreflightVerdict(Verdict.BUSY, "a backup"), read(75, "a backup\nmore"));
        assertEquals(new PreflightVerdict(Verdict.UNKNOWN, "exited 3: what"), read(3, "what"));
        assertEquals(new PreflightVerdict(Verdict.UNKNOWN, "no answer"), read(-1, "no answer"));
        assertEquals(Verdict.IDLE, read(0, "x".repeat(70_000)).verdict());
    }

    @Test
    void anObjectSaysKindByKindWhatIsInTheWay() {
        PreflightVerdict verdict = read(0, """
                (node:7) a warning {of} no concern
                {
                  "safe": false,
                  "counts": {"queueSize": 0, "cronRuns": 2, "tasks": 1, "totalActive": 3},
                  "blockers": [{"kind": "cron-run", "count": 2, "message": "2 active cron run(s)"},
                    {"kind": "task", "id": "t7", "message": "a report", "task": {"deep": [1]}}, {"kind": "x"}],
                  "summary": "restart deferred"
                }
                """.strip());
        assertEquals(Verdict.BUSY, verdict.verdict());
        assertEquals("restart deferred", verdict.reason());
        assertEquals(Map.of("cronRuns", 2, "tasks", 1), verdict.counts());
        assertEquals(List.of(new Blocker("cron-run", Optional.empty(), 2, "cron-run: 2 active cron run(s)"),
                new Blocker("task", Optional.of("t7"), 1, "task t7: a report"),
                new Blocker("x", Optional.empty(), 1, "x")), verdict.blockers());
        assertEquals("cron-run: 2 active cron run(s), task t7: a report, x", verdict.words());
    }

    @Test
    void safeIsIdleOnlyWithExitCodeZero() {
        String safe = "{\"safe\":true,\"counts\":{\"queueSize\":4},\"blockers\":[]}";
        assertEquals(new PreflightVerdict(Verdict.IDLE, "", Map.of("queueSize", 4), List.of()), read(0, safe));
        assertEquals(Verdict.BUSY, read(75, safe).verdict());
        assertEquals(Verdict.UNKNOWN, read(1, safe).verdict());
        assertEquals("the preflight command (busy): soon", read(0, "{\"safe\":false,\"summary\":\"soon\"}").words());
    }

    /** Exit 0 alone would be idle: what claims to say more, and cannot be read, is not. */
    @Test
    void anObjectThatCannotBeReadIsUnknown() {
        for (String broken : List.of("{\"safe\": tru", "{\"safe\": \"yes\"}", "{\"safe\": null}", "{\"safe\":false",
                "{\"safe\":true,\"safe\":true}", "{\"safe\":true} {}",
                "(99999 bytes left out) \"x\"}],\n\"summary\":\"\"}")) {
            assertEquals(broken.contains("}") ? Verdict.UNKNOWN : Verdict.IDLE, read(0, broken).verdict(), broken);
        }
        assertEquals(Verdict.BUSY, read(75, "{\"safe\": 1}").verdict());
    }

    @Test
    void whatItSaysIsBounded() {
        StringBuilder many = new StringBuilder("{\"safe\":false,\"counts\":{\"n\":-1,\"m\":99999999999,\"f\":1.5},"
                + "\"blockers\":[7,null");
        for (int i = 0; i < 500; i++) {
            many.append(",{\"kind\":\"k").append(i % 100).append("\",\"id\":\"").append("i".repeat(500))
                    .append("\",\"count\":").append(i == 0 ? -5 : 3).append(",\"message\":\"")
                    .append("m".repeat(5_000)).append("\"}");
        }
        PreflightVerdict verdict = read(0, many + "]}");
        assertEquals(Map.of("m", 1_000_000), verdict.counts());
        assertEquals(1 + 499 * 3, verdict.blockers().stream().mapToInt(Blocker::count).sum());
        assertTrue(verdict.blockers().size() <= 8 + 33, "" + verdict.blockers().size());
        assertTrue(verdict.blockers().stream().allMatch(one -> one.message().length() < 400));
    }
}
