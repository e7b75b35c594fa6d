package dev.soleinit;

/** Where the program begins. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.out.println("soleinit");
    }
}
