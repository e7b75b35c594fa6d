package dev.soleinit.lifecycle;

import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.spi.SelectorProvider;

/**
 * Makes channels over inherited descriptors, by the JDK's own means: no public method does (that of
 * {@code System.inheritedChannel} knows descriptor 0 only, and spoils standard output when closed).
 */
final class InheritedChannels {
    private static final String PACKAGE = "sun.nio.ch";
    private static final int STREAM = 1;
    private static final int UNIX = 3;

    private InheritedChannels() {}

    /** Whether the JDK lets us. */
    static boolean isOpen() {
        return Object.class.getModule().isOpen(PACKAGE, InheritedChannels.class.getModule());
    }

    /** What the {@code java} command line has to say for that. */
    static String flag() {
        Module self = InheritedChannels.class.getModule();
        return "--add-opens java.base/" + PACKAGE + "="
                + (self.isNamed() ? self.getName() : "ALL-UNNAMED");
    }

    /**
     * A channel in blocking mode over a copy of the descriptor: closing it leaves the original open.
     *
     * @throws IOException if the descriptor is no stream socket of a known family
     */
    static ServerSocketChannel listening(int descriptor) throws IOException {
        int family = (int) inherited("addressFamily", descriptor);
        if ((int) inherited("soType0", descriptor) != STREAM || family < 1 || family > UNIX) {
            throw new IOException("descriptor " + descriptor + " is no stream socket");
        }
        int copy = (int) inherited("dup", descriptor);
        try {
            return channel(copy, family == UNIX ? StandardProtocolFamily.UNIX
                    : StandardProtocolFamily.INET);
        } catch (IOException | RuntimeException unusable) {
            inherited("close0", copy);
            throw unusable;
        }
    }

    private static ServerSocketChannel channel(int descriptor, ProtocolFamily family)
            throws IOException {
        try {
            Method wrap = type("IOUtil").getDeclaredMethod("newFD", int.class);
            Constructor<?> make = type("ServerSocketChannelImpl").getDeclaredConstructor(
                    SelectorProvider.class, ProtocolFamily.class, FileDescriptor.class,
                    boolean.class);
            wrap.setAccessible(true);
            make.setAccessible(true);
            return (ServerSocketChannel) make.newInstance(SelectorProvider.provider(), family,
                    wrap.invoke(null, descriptor), true);
        } catch (ReflectiveOperationException failed) {
            throw explain(failed);
        }
    }

    /** Calls a method of {@code InheritedChannel} that takes a descriptor. */
    private static Object inherited(String name, int descriptor) throws IOException {
        try {
            Method method = type("InheritedChannel").getDeclaredMethod(name, int.class);
            method.setAccessible(true);
            return method.invoke(null, descriptor);
        } catch (ReflectiveOperationException failed) {
            throw explain(failed);
        }
    }

    private static Class<?> type(String name) throws ClassNotFoundException {
        return Class.forName(PACKAGE + "." + name);
    }

    private static IOException explain(ReflectiveOperationException failed) {
        if (failed instanceof InvocationTargetException thrown) {
            return thrown.getCause() instanceof IOException known ? known
                    : new IOException(thrown.getCause().toString(), thrown.getCause());
        }
        return new IOException("this JDK makes no channels of descriptors the way 17 to 25 do: "
                + failed, failed);
    }
}
