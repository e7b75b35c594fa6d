/**
 * The image under a real engine, through Testcontainers: what {@code docker run}, {@code exec},
 * {@code stop} and their options come to. The tests run on JUnit's thread; {@link
 * dev.soleinit.docker.ImageSupport} starts a {@link dev.soleinit.docker.NodeContainer} and looks at it.
 */
package dev.soleinit.docker;
