/**
 * What Spring runs as work of the gate: requests, scheduled and asynchronous methods. One class each,
 * and the auto-configuration that has them where their library is there. For any thread.
 */
package dev.soleinit.spring.work;
