/**
 * The page for people, made anew for each visitor. Start at {@link
 * dev.soleinit.http.page.StatusPage}.
 */
package dev.soleinit.http.page;
