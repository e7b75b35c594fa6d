/**
 * C from Java, by jffi: functions, memory, numbers of errors and flags. No other package than
 * {@code os} may
 * use it. Start at {@link dev.soleinit.os.ffi.LibC}.
 */
package dev.soleinit.os.ffi;
