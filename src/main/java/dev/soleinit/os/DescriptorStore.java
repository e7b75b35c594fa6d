package dev.soleinit.os;

import java.util.List;
import java.util.Optional;

/**
 * Open descriptors that a daemon has left with the supervisor for its next generation, as with FDSTORE=1
 * of sd_notify(3). Used on the loop's thread.
 */
public interface DescriptorStore {
    /**
     * Keeps copies of these; the caller still closes the originals. A socket that is there already is
     * not kept twice.
     *
     * @param name       what the next generation finds them by in LISTEN_FDNAMES
     * @param untilHangUp each is dropped as soon as its other end is gone
     * @return why not all of them are kept, if so
     */
    Optional<String> add(List<Integer> descriptors, String name, boolean untilHangUp);

    /** Closes all of that name. */
    void remove(String name);

    /** Closes all. */
    void clear();

    /** The name of each, in the order in which the next generation gets them. */
    List<String> names();

    /** Keeps nothing. */
    DescriptorStore CLOSED = new DescriptorStore() {
        @Override
        public Optional<String> add(List<Integer> descriptors, String name, boolean untilHangUp) {
            return descriptors.isEmpty() ? Optional.empty() : Optional.of("Cannot store a descriptor "
                    + "named '" + name + "': none is kept unless --fd-store-max says how many");
        }

        @Override
        public void remove(String name) {}

        @Override
        public void clear() {}

        @Override
        public List<String> names() {
            return List.of();
        }
    };
}
