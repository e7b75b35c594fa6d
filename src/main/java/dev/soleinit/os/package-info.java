/**
 * The kernel, and the only package that knows jffi. {@link dev.soleinit.os.Kernel} is what the
 * supervisor needs of it; {@code LinuxKernel} is the one implementation, {@code LibC} its bindings,
 * {@code ProcFs} what it reads from /proc. All methods but {@code wake} belong to the loop thread.
 */
package dev.soleinit.os;
