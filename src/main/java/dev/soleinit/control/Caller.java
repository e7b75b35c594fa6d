package dev.soleinit.control;

/**
 * Who asks.
 *
 * @param user  user name, or the number of one without a name, as the kernel vouches for it
 * @param door  {@code cli} or {@code socket}, as the caller says
 * @param words for people, for example {@code cli (root): new certificate}
 */
public record Caller(String user, String origin, String words) {}
