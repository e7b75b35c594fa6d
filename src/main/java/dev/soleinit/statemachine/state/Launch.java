package dev.soleinit.statemachine.state;

import dev.soleinit.process.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a start takes along. Immutable.
 *
 * @param everSpawned  a start has succeeded in this life of the supervisor
 * @param earlySignals signals that came before the first start and wait for it
 * @param arguments    what replaces the command's own arguments
 */
public record Launch(boolean everSpawned, List<Signal> earlySignals,
        Optional<List<String>> arguments) {
    static Launch initial() {
        return new Launch(false, List.of(), Optional.empty());
    }

    Launch spawnedOnce() {
        return new Launch(true, List.of(), arguments);
    }

    Launch plus(Signal early) {
        List<Signal> longer = new ArrayList<>(earlySignals);
        longer.add(early);
        return new Launch(everSpawned, List.copyOf(longer), arguments);
    }

    public Launch with(Optional<List<String>> next) {
        return new Launch(everSpawned, earlySignals, next.or(() -> arguments));
    }
}
