/**
 * What files are held against. Used by the supervisor, by the lifecycle library and by what watches
 * files for both; knows nobody.
 */
package dev.soleinit.checksum;
