/**
 * Web servers on listening sockets that the supervisor keeps: Tomcat and Jetty, each for Boot 3.5 and 4,
 * whose packages differ, and a clear word for the others. A server stops accepting before the gate
 * refuses, so that who connects waits for the next generation.
 */
package dev.soleinit.spring.server;
