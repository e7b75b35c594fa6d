/**
 * What surrounds the container: the limit of its memory, and the service manager that has started the
 * supervisor. Apart from {@code Kernel}, because few supervisors need either, and none of it is loaded
 * where it is not asked for. Start at {@link dev.soleinit.os.host.CgroupMemory}.
 */
package dev.soleinit.os.host;
