/**
 * What the distribution says of the parts that it brings. The tests run on JUnit's thread, over the folder
 * that Maven has built.
 */
package dev.soleinit.dist;
