package dev.soleinit.control.server;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The open connections and their number. The supervisor's user and root share 16, the daemon's own
 * user has four, so that neither can take the other's. The idlest one makes room for a new one;
 * where all are busy there is room for the daemon to attach, and for nothing else. Used on the
 * server's thread.
 */
final class ConnectionPool {
    static final int MAX_CONNECTIONS = 16;
    private static final int MAX_OF_DAEMON_USER = 4;
    /** Room beyond that for the daemon itself, so that callers cannot keep it from attaching. */
    private static final int MAX_ATTACH_ONLY = 8;
    private static final int NEVER = Integer.MAX_VALUE;

    private final Set<Connection> open = new LinkedHashSet<>();

    List<Connection> all() {
        return new ArrayList<>(open);
    }

    /** Whether somebody is there who wants nothing. */
    boolean hasIdle() {
        for (Connection each : open) {
            if (each.replies().areIdle()) {
                return true;
            }
        }
        return false;
    }

    /** Closes all; one that cannot be closed does not keep the others open. */
    void closeAll() {
        for (Connection each : open) {
            try {
                each.close();
            } catch (RuntimeException | OutOfMemoryError stuck) {
                // the next one may fare better
            }
        }
    }

    void remove(Connection connection) {
        open.remove(connection);
    }

    /** Whether somebody is there only as long as it attaches. */
    boolean hasAttachOnly() {
        return attachOnly() > 0;
    }

    /**
     * Takes it in. False if there is no room.
     *
     * @param evicted gets the connection that had to make room, if there was one
     */
    boolean admit(Connection newcomer, List<Connection> evicted) {
        boolean isPermitted = newcomer.isPermitted();
        if (count(isPermitted) >= (isPermitted ? MAX_CONNECTIONS : MAX_OF_DAEMON_USER)) {
            Connection idlest = idlest(isPermitted);
            if (idlest != null) {
                open.remove(idlest);
                evicted.add(idlest);
            } else if (isPermitted && attachOnly() < MAX_ATTACH_ONLY) {
                newcomer.attachOnly(true);
            } else {
                return false;
            }
        }
        open.add(newcomer);
        return true;
    }

    private int count(boolean isPermitted) {
        int count = 0;
        for (Connection each : open) {
            count += each.isPermitted() == isPermitted && !each.isAttachOnly() ? 1 : 0;
        }
        return count;
    }

    private int attachOnly() {
        int count = 0;
        for (Connection each : open) {
            count += each.isAttachOnly() ? 1 : 0;
        }
        return count;
    }

    private Connection idlest(boolean isPermitted) {
        Connection idlest = null;
        int lowest = NEVER;
        long newest = newestAttached();
        for (Connection each : open) {
            int rank = each.isPermitted() == isPermitted && !each.isAttachOnly()
                    ? rank(each, newest) : NEVER;
            if (rank < lowest || rank == lowest && rank != NEVER
                    && each.replies().lastUse() - idlest.replies().lastUse() < 0) {
                idlest = each;
                lowest = rank;
            }
        }
        return idlest;
    }

    /** First who wants nothing, then who only looks on, then a daemon that has attached anew since. */
    private static int rank(Connection connection, long newestAttached) {
        Replies replies = connection.replies();
        if (replies.areIdle()) {
            return 0;
        }
        if (replies.onlyWatch()) {
            return 1;
        }
        return replies.areAttached() && replies.attachedAt() != newestAttached ? 2 : NEVER;
    }

    private long newestAttached() {
        long newest = 0;
        for (Connection each : open) {
            long at = each.replies().attachedAt();
            newest = at != 0 && (newest == 0 || at - newest > 0) ? at : newest;
        }
        return newest;
    }
}
