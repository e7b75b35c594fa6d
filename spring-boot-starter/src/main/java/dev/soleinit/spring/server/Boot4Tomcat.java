package dev.soleinit.spring.server;

import dev.soleinit.spring.ConditionalOnSupervisor;
import dev.soleinit.spring.SoleinitAutoConfiguration;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.apache.catalina.connector.Connector;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.tomcat.TomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Has the Tomcat of Boot 4 listen on a kept socket, if there is one for its address. */
@AutoConfiguration(after = SoleinitAutoConfiguration.class)
@ConditionalOnSupervisor
@ConditionalOnClass({Connector.class, TomcatWebServerFactory.class})
@ConditionalOnProperty(name = "soleinit.kept-sockets.enabled", matchIfMissing = true)
public class Boot4Tomcat {
    /** After all that set the port. */
    @Bean
    @Order(Ordered.LOWEST_PRECEDENCE - 1)
    WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> soleinitTomcat(KeptServers servers) {
        return factory -> {
            Optional<InetSocketAddress> address = servers.addressOf(factory);
            if (factory instanceof TomcatWebServerFactory tomcat) {
                tomcat.setProtocol(TomcatProtocol.class.getName());
            }
            factory.addConnectorCustomizers(connector ->
                    TomcatProtocol.use(connector, servers, address));
        };
    }
}
