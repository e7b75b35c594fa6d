package dev.soleinit.config.settings;

import dev.soleinit.process.ListenAddress;
import java.util.List;

/**
 * The descriptors that are kept for the daemon from one generation to the next.
 *
 * @param listen   the sockets that are opened for it
 * @param storeMax how many it may leave for its next generation
 */
public record DescriptorSettings(List<ListenAddress> listen, int storeMax) {}
