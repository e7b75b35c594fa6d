/**
 * The one thread that acts. {@link dev.soleinit.supervisor.Supervisor} sets everything up,
 * {@link dev.soleinit.supervisor.EventLoop} turns: reap, signals, deadline, one request, wait; it
 * asks {@code statemachine} what to do, and {@link dev.soleinit.supervisor.EffectExecutor} does it. What
 * has to be done at a time says so itself ({@link dev.soleinit.supervisor.loop.TimedTask}). Other threads
 * only post into the {@link dev.soleinit.supervisor.inbox.Inbox}.
 */
package dev.soleinit.supervisor;
