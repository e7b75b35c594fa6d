package dev.soleinit.os.ffi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A block of memory that C may read and write; zeroed, bounds checked, freed with the object. */
public final class Pointer {
    private final ByteBuffer bytes;
    private final long address;

    Pointer(ByteBuffer bytes, long address) {
        this.bytes = bytes.order(ByteOrder.nativeOrder());
        this.address = address;
    }

    /** Where C finds it; whoever hands that on keeps this object reachable meanwhile. */
    public long address() {
        return address;
    }

    public short getShort(long at) {
        return bytes.getShort((int) at);
    }

    public int getInt(long at) {
        return bytes.getInt((int) at);
    }

    public long getLong(long at) {
        return bytes.getLong((int) at);
    }

    public void get(long at, byte[] into, int from, int size) {
        bytes.get((int) at, into, from, size);
    }

    public void putShort(long at, short value) {
        bytes.putShort((int) at, value);
    }

    public void putInt(long at, int value) {
        bytes.putInt((int) at, value);
    }

    public void putLong(long at, long value) {
        bytes.putLong((int) at, value);
    }

    public void putAddress(long at, long value) {
        bytes.putLong((int) at, value);
    }

    void put(long at, byte[] from, int first, int size) {
        bytes.put((int) at, from, first, size);
    }
}
