package dev.soleinit.example;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Does what a supervisor does for a daemon with a kept socket, and then becomes that daemon:
 * {@code main PORT COMMAND…} listens on 127.0.0.1:PORT, puts that at descriptor 3, says so in the
 * environment, and executes the command. Needs {@code --add-opens} and native access.
 */
final class InheritedSocket {
    private InheritedSocket() {}

    public static void main(String[] args) throws Throwable {
        ServerSocketChannel channel = ServerSocketChannel.open();
        channel.bind(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])), 200);
        Method number = Class.forName("sun.nio.ch.SelChImpl").getMethod("getFDVal");
        number.setAccessible(true);
        List<String> environment = new ArrayList<>(List.of("LISTEN_FDS=1", "LISTEN_FDNAMES=http",
                "LISTEN_PID=" + ProcessHandle.current().pid()));
        System.getenv().forEach((name, value) -> environment.add(name + "=" + value));
        MethodHandle dup2 = find("dup2", FunctionDescriptor.of(ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        MethodHandle execve = find("execve", FunctionDescriptor.of(ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
        List<String> command = Arrays.asList(args).subList(1, args.length);
        MemorySegment path = Arena.global().allocateFrom(command.getFirst());
        MemorySegment words = strings(command);
        MemorySegment variables = strings(environment);
        int done = (int) dup2.invokeExact((int) number.invoke(channel), 3);
        done = (int) execve.invokeExact(path, words, variables);
        throw new IllegalStateException("execve returned " + done);
    }

    @SuppressWarnings("restricted")
    private static MethodHandle find(String name, FunctionDescriptor type) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
    }

    private static MemorySegment strings(List<String> all) {
        MemorySegment pointers = Arena.global().allocate(ValueLayout.ADDRESS, all.size() + 1);
        for (int i = 0; i < all.size(); i++) {
            pointers.setAtIndex(ValueLayout.ADDRESS, i, Arena.global().allocateFrom(all.get(i)));
        }
        return pointers;
    }
}
