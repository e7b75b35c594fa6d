/** What Actuator shows of the supervisor. */
package dev.soleinit.spring.actuate;
