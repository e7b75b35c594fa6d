package dev.soleinit.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignalTest {
    @ParameterizedTest
    @CsvSource({"TERM,15", "SIGTERM,15", "term,15", "15,15", "HUP,1", "SYS,31", "RTMIN,34",
        "RTMIN+1,35", "SIGRTMIN+30,64", "RTMAX,64", "RTMAX-1,63"})
    void namesAndNumbersAreUnderstood(String text, int number) {
        assertEquals(number, Signal.parse(text).number());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "TERMINATE", "0", "65", "-1", "RTMIN+31", "RTMIN-1", "SIG"})
    void whatIsNoSignalIsRefusedWithAHint(String text) {
        IllegalArgumentException said =
                assertThrows(IllegalArgumentException.class, () -> Signal.parse(text));
        assertTrue(said.getMessage().contains("1 to 64"), said.getMessage());
    }

    @Test
    void everyNumberHasANameThatIsUnderstood() {
        for (int number = 1; number <= 64; number++) {
            if (number != 32 && number != 33) {
                assertEquals(number, Signal.parse(new Signal(number).name()).number());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0,0,exit 0", "1792,7,exit 7", "9,137,SIGKILL", "139,139,'SIGSEGV, core dumped'"})
    void aWaitStatusIsReadAsTheKernelWritesIt(int status, int code, String words) {
        assertEquals(code, ExitStatus.fromWait(status).code());
        assertEquals(words, ExitStatus.fromWait(status).words());
    }
}
