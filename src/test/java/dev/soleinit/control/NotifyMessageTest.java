package dev.soleinit.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class NotifyMessageTest {
    @Test
    void knownLinesAreReadAndOthersPassedOver() {
        assertEquals(List.of(new NotifyMessage.Ready(), new NotifyMessage.Status("warm"),
                new NotifyMessage.Stopping()),
                NotifyMessage.parse("READY=1\nX_OTHER=3\nSTATUS=warm\nREADY=0\nnothing\nSTOPPING=1"));
    }

    @Test
    void hostileTextIsHarmless() {
        assertEquals(List.of(), NotifyMessage.parse("\n\n=\n\u0000READY=1\nREADY\n"));
        assertEquals(List.of(new NotifyMessage.Status("a?b" + "x".repeat(197))),
                NotifyMessage.parse("STATUS=a\u001bb" + "x".repeat(5_000)));
    }
}
