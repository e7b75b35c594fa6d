/**
 * The pages for people, README.md and docs/, held against the code: generated parts, links, and the
 * convention of their examples. What the examples do is tested in {@code pidns} and {@code docker}.
 */
package dev.soleinit.docs;
