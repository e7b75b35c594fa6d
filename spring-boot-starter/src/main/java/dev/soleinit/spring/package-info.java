/**
 * What makes a Spring Boot application a daemon that its supervisor can restart without losing work:
 * auto-configuration alone, for Boot 3.5 and 4. May use the lifecycle library and what Spring has;
 * without a supervisor nothing of it is there but the gate. Start at
 * {@link dev.soleinit.spring.SoleinitAutoConfiguration}.
 */
package dev.soleinit.spring;
