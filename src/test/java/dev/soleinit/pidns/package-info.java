/**
 * The built distribution as a real PID 1, in a PID namespace of its own. Needs root, {@code unshare}
 * and bash; {@link dev.soleinit.pidns.PidNamespace} is the harness.
 */
package dev.soleinit.pidns;
