package dev.soleinit.spring.server;

import dev.soleinit.spring.ConditionalOnSupervisor;
import dev.soleinit.spring.SoleinitAutoConfiguration;
import org.eclipse.jetty.server.Server;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.jetty.ConfigurableJettyWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Has the Jetty of Boot 4 listen on a kept socket, if there is one for its address. */
@AutoConfiguration(after = SoleinitAutoConfiguration.class)
@ConditionalOnSupervisor
@ConditionalOnClass({Server.class, ConfigurableJettyWebServerFactory.class})
@ConditionalOnProperty(name = "soleinit.kept-sockets.enabled", matchIfMissing = true)
public class Boot4Jetty {
    /** After all that set the port. */
    @Bean
    @Order(Ordered.LOWEST_PRECEDENCE - 1)
    WebServerFactoryCustomizer<ConfigurableJettyWebServerFactory> soleinitJetty(KeptServers servers) {
        return factory -> servers.addressOf(factory).ifPresent(address -> {
            factory.setAcceptors(0);
            factory.addServerCustomizers(server -> KeptJetty.use(server, servers, address));
        });
    }
}
