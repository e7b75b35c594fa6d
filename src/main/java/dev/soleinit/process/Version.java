package dev.soleinit.process;

/** The version of this program, from the jar's manifest. */
public final class Version {
    /** For example {@code 0.1.0}; {@code development} when it runs from loose classes. */
    public static final String TEXT = text();

    private Version() {}

    private static String text() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
