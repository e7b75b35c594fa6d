/** The reference daemon alone: its HTTP server in this JVM, the whole daemon as a process. */
package dev.soleinit.example;
