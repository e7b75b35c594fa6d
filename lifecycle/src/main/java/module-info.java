/** What a Java daemon links to live under a supervisor; start at {@link dev.soleinit.lifecycle.Lifecycle}. */
module dev.soleinit.lifecycle {
    requires org.slf4j;

    exports dev.soleinit.lifecycle;
}
