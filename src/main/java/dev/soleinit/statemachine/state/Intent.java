package dev.soleinit.statemachine.state;

import dev.soleinit.statemachine.model.Goal;
import dev.soleinit.statemachine.model.ShutdownRequest;
import java.util.Optional;

/**
 * What is wanted, and why. Immutable.
 *
 * @param goal   what is wanted
 * @param hold   why the daemon is held down
 * @param ending the supervisor was told to end
 */
public record Intent(Goal goal, Optional<String> hold, Optional<ShutdownRequest> ending) {
    static Intent initial() {
        return new Intent(Goal.UP, Optional.empty(), Optional.empty());
    }
}
