package dev.soleinit.control;

/** A request with who asks and where the answer goes. */
public record IncomingRequest(Request request, Caller caller, ReplyTo replyTo) {}
