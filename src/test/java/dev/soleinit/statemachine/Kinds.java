package dev.soleinit.statemachine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The records of a sealed interface, which a test has to have met, each of them. */
public final class Kinds {
    private Kinds() {}

    /** The names of all of them, those of a sealed interface within it, too. */
    public static Set<String> of(Class<?> sealed) {
        return leaves(sealed).map(Class::getSimpleName).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<Class<?>> leaves(Class<?> one) {
        return one.isSealed() ? Arrays.stream(one.getPermittedSubclasses()).flatMap(Kinds::leaves)
                : Stream.of(one);
    }

    /** Fails with the names of those that are missing, and with what is to be done about them. */
    public static void checkAllMet(Class<?> sealed, Collection<String> met, String advice) {
        Set<String> missing = of(sealed);
        missing.removeAll(met);
        assertEquals(Set.of(), missing, sealed.getSimpleName() + "s are missing: " + advice);
    }

    /** The name by which {@link #of(Class)} knows it. */
    public static String name(Object met) {
        return met.getClass().getSimpleName();
    }
}
