/**
 * How a process is made, and how it is known whether it has become its program. Used by {@code os} alone.
 * Source: posix_spawn(3).
 */
package dev.soleinit.os.spawn;
