/**
 * Files to "content changed". {@link dev.soleinit.watch.WatchedFiles} reads what is watched,
 * {@link dev.soleinit.watch.FileWatcher} finds out when that has changed, on a thread of its own.
 * Used by the supervisor and by the lifecycle library; knows checksums alone. Source: inotify(7).
 */
package dev.soleinit.watch;
