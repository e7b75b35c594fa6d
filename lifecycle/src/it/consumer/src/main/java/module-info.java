module com.example.daemon {
    requires dev.soleinit.lifecycle;
}
