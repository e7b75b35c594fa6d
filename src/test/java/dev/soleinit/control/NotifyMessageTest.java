package dev.soleinit.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class NotifyMessageTest {
    @Test
    void knownLinesAreReadAndOthersPassedOver() {
        assertEquals(List.of(new NotifyMessage.Ready(), new NotifyMessage.Status("warm"),
                new NotifyMessage.Stopping()),
                NotifyMessage.parse("READY=1\nX_OTHER=3\nSTATUS=warm\nREADY=0\nnothing\nSTOPPING=1"));
    }

    @Test
    void aReloadCarriesItsTimeAndAMainProcessItsNumber() {
        assertEquals(List.of(new NotifyMessage.Reloading(OptionalLong.of(123456789))),
                NotifyMessage.parse("MONOTONIC_USEC=123456789\nRELOADING=1"));
        assertEquals(List.of(new NotifyMessage.Reloading(OptionalLong.empty())),
                NotifyMessage.parse("RELOADING=1\nMONOTONIC_USEC=-1"));
        assertEquals(List.of(new NotifyMessage.Main(4711)),
                NotifyMessage.parse("MAINPID=4711\nMAINPID=\nMAINPID=1x\nMAINPID=9999999999"));
    }

    @Test
    void theWatchdogHasAnInterval() {
        assertEquals(List.of(new NotifyMessage.WatchdogInterval(Duration.ofMillis(1500)),
                new NotifyMessage.WatchdogInterval(Duration.ZERO)), NotifyMessage.parse(
                        "WATCHDOG_USEC=1500000\nWATCHDOG_USEC=0\nWATCHDOG_USEC=\nWATCHDOG_USEC=-1\n"
                        + "WATCHDOG_USEC=1x\nWATCHDOG_USEC=99999999999999"));
    }

    @Test
    void descriptorsAreStoredUnderTheNameThatTheDatagramGivesThem() {
        assertEquals(List.of(new NotifyMessage.StoreDescriptors("a b", true)),
                NotifyMessage.parse("FDSTORE=1\nFDNAME=a b"));
        assertEquals(List.of(new NotifyMessage.StoreDescriptors("x", false)),
                NotifyMessage.parse("FDPOLL=0\nFDNAME=x\nFDSTORE=1"));
        assertEquals(List.of(new NotifyMessage.RemoveDescriptors("x")),
                NotifyMessage.parse("FDSTOREREMOVE=1\nFDNAME=x"));
    }

    @Test
    void aNameThatDoesNotFitIntoTheListOfNamesIsNone() {
        for (String none : List.of("", "\nFDNAME=", "\nFDNAME=a:b", "\nFDNAME=a\u0001", "\nFDNAME=\u00e4",
                "\nFDNAME=" + "x".repeat(256))) {
            assertEquals(List.of(new NotifyMessage.StoreDescriptors("stored", true)),
                    NotifyMessage.parse("FDSTORE=1" + none), none);
            assertEquals(List.of(), NotifyMessage.parse("FDSTOREREMOVE=1" + none), none);
        }
        assertEquals(List.of(), NotifyMessage.parse("FDSTORE=0\nFDNAME=a\nFDSTORE=\nFDSTOREREMOVE=2"));
    }

    @Test
    void hostileTextIsHarmless() {
        assertEquals(List.of(), NotifyMessage.parse("\n\n=\n\u0000READY=1\nREADY\n"));
        assertEquals(List.of(new NotifyMessage.Status("a\u001bb\u009b" + "x".repeat(1_020))),
                NotifyMessage.parse("STATUS=a\u001bb\u009b" + "x".repeat(5_000)));
        assertEquals(List.of(new NotifyMessage.Status("x".repeat(1_023))),
                NotifyMessage.parse("STATUS=" + "x".repeat(1_023) + "\ud83d\ude00"),
                "half a character is none");
        assertEquals(List.of(), NotifyMessage.parse("ERRNO=2\nEXIT_STATUS=x\nBUSERROR=\n"
                + "FDPOLL=0\n=READY=1\nREADY=1 \n\ufffd\ufffd=1\nBARRIER=1"));
        assertEquals(List.of(), NotifyMessage.parse(""));
    }

    @Test
    void aWatchdogIntervalIsANumberOfMicroseconds() {
        assertEquals(List.of(new NotifyMessage.WatchdogInterval(Duration.ofSeconds(20)),
                new NotifyMessage.WatchdogInterval(Duration.ZERO)),
                NotifyMessage.parse("WATCHDOG_USEC=20000000\nWATCHDOG_USEC=0\nWATCHDOG_USEC=\n"
                        + "WATCHDOG_USEC=-1\nWATCHDOG_USEC=1s\nWATCHDOG_USEC=18446744073709551615"));
        assertEquals(List.of(new NotifyMessage.Extend(Duration.ofHours(1))),
                NotifyMessage.parse("EXTEND_TIMEOUT_USEC=999999999999\nEXTEND_TIMEOUT_USEC=x"));
    }
}
