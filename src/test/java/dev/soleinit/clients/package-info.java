/** Holds the clients in {@code clients/} to the protocol. */
package dev.soleinit.clients;
