package dev.soleinit.config;

import static dev.soleinit.fuzz.Fuzzing.require;
import static dev.soleinit.fuzz.Fuzzing.requireRoundTrip;
import static dev.soleinit.fuzz.Fuzzing.text;

import dev.soleinit.config.loading.ListenParser;
import dev.soleinit.process.ListenAddress;
import dev.soleinit.process.ListenAddress.Place;
import java.net.Inet6Address;
import java.util.List;

/** A {@code --listen}: read, or explained; what is read is written out and read again. */
public final class ListenFuzz {
    private ListenFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        try {
            ListenAddress listening = ListenParser.read(text(input));
            ListenParser.check(List.of(listening));
            require(listening.backlog() > 0, "somebody may wait");
            requireRoundTrip(listening, one -> again(one));
        } catch (IllegalArgumentException expected) {
            require(expected.getMessage() != null && !expected.getMessage().isBlank(),
                    "a refusal says why");
        }
    }

    private static ListenAddress again(ListenAddress one) {
        String options = " name=" + one.name() + " backlog=" + one.backlog() + switch (one.place()) {
            case Place.Port _ -> "";
            case Place.File file -> " mode=0" + Integer.toOctalString(01000 | file.mode()).substring(1)
                    + file.owner().map(owner -> " owner=" + owner).orElse("");
        };
        ListenAddress read = ListenParser.read(word(one.place()) + options);
        return new ListenAddress(one.words(), read.name(), read.backlog(), read.place());
    }

    private static String word(Place place) {
        return switch (place) {
            case Place.Port(Inet6Address address, int port) ->
                    "tcp6:[" + address.getHostAddress() + "]:" + port;
            case Place.Port(var address, int port) -> "tcp:" + address.getHostAddress() + ":" + port;
            case Place.File file -> "unix:" + file.path();
        };
    }
}
