package dev.soleinit.lifecycle;

/** Threads that do not keep the JVM from ending. */
final class DaemonThread {
    private DaemonThread() {}

    static void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }
}
