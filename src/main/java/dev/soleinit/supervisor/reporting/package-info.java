/**
 * What others are shown: status, public files, journal and log. Asked for on the loop's thread,
 * written on
 * threads of their own, so that a disk or a reader that stands still holds nobody up.
 */
package dev.soleinit.supervisor.reporting;
