/**
 * Files in directories where somebody else may write, too: made new, followed nowhere, replaced
 * whole, and
 * read only if they are plain files. Start at {@link dev.soleinit.storage.files.AtomicFile}.
 */
package dev.soleinit.storage.files;
