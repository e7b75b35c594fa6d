package dev.soleinit.process;

/** Where a started process lives: a process group or a session of its own, or who started it's group. */
public enum Grouping { OWN_GROUP, OWN_SESSION, SAME_GROUP }
