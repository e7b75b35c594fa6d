/**
 * The one thread that acts. {@link dev.soleinit.supervise.Supervisor} sets everything up,
 * {@link dev.soleinit.supervise.EventLoop} turns: reap, signals, deadline, one request, wait; it
 * asks {@code machine} what to do, and {@link dev.soleinit.supervise.EffectExecutor} does it. Other
 * threads only post into the {@link dev.soleinit.supervise.Inbox}.
 */
package dev.soleinit.supervise;
