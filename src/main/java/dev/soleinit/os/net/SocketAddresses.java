package dev.soleinit.os.net;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Addresses in the kernel's form. Sources: ip(7), ipv6(7), unix(7). */
final class SocketAddresses {
    static final int AF_UNIX = 1;
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    /** Of an internet address. */
    static final int LONGEST = 28;
    private static final int MAX_PATH = 107;

    private SocketAddresses() {}

    static int family(InetAddress address) {
        return address instanceof Inet6Address ? AF_INET6 : AF_INET;
    }

    /** struct sockaddr_un. */
    static byte[] of(Path path) {
        byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
        if (name.length > MAX_PATH) {
            throw new IllegalArgumentException("Cannot use " + path + ": the path of a socket has "
                    + "at most " + MAX_PATH + " bytes; give a shorter one");
        }
        byte[] address = new byte[2 + MAX_PATH + 1];
        address[0] = AF_UNIX;
        System.arraycopy(name, 0, address, 2, name.length);
        return address;
    }

    /** struct sockaddr_in (16 bytes) or sockaddr_in6 (28); the port is in network order. */
    static byte[] of(InetAddress address, int port) {
        boolean six = address instanceof Inet6Address;
        ByteBuffer bytes = ByteBuffer.allocate(six ? LONGEST : 16).order(ByteOrder.nativeOrder())
                .putShort((short) family(address)).put((byte) (port >> 8)).put((byte) port);
        if (six) {
            bytes.putInt(0);
        }
        bytes.put(address.getAddress());
        if (address instanceof Inet6Address scoped) {
            bytes.putInt(scoped.getScopeId());
        }
        return bytes.array();
    }

    /** The port of either. */
    static int port(byte[] address) {
        return (address[2] & 0xff) << 8 | address[3] & 0xff;
    }
}
