package dev.soleinit.spring.server;

import java.net.InetSocketAddress;
import java.util.Optional;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.http11.Http11NioProtocol;

/** HTTP/1.1 on a kept socket, if there is one; made by Tomcat, which knows its name alone. */
public final class TomcatProtocol extends Http11NioProtocol {
    private final TomcatEndpoint endpoint;

    public TomcatProtocol() {
        this(new TomcatEndpoint());
    }

    private TomcatProtocol(TomcatEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    /** Says which socket it is, before the connector starts; another connector is left alone. */
    static void use(Connector connector, KeptServers servers, Optional<InetSocketAddress> address) {
        if (connector.getProtocolHandler() instanceof TomcatProtocol protocol) {
            protocol.endpoint.use(servers, address);
        }
    }
}
