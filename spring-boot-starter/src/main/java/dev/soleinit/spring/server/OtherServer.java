package dev.soleinit.spring.server;

import dev.soleinit.spring.ConditionalOnSupervisor;
import dev.soleinit.spring.SoleinitAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.web.server.AbstractConfigurableWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Says what to do of a server that cannot take over a socket: it would find its port taken. */
@AutoConfiguration(after = SoleinitAutoConfiguration.class)
@ConditionalOnSupervisor
@ConditionalOnProperty(name = "soleinit.kept-sockets.enabled", matchIfMissing = true)
public class OtherServer {
    @Bean
    @Order(Ordered.LOWEST_PRECEDENCE)
    WebServerFactoryCustomizer<AbstractConfigurableWebServerFactory> soleinitOtherServer(
            KeptServers servers) {
        return factory -> {
            String name = factory.getClass().getSimpleName();
            if (!name.startsWith("Tomcat") && !name.startsWith("Jetty")) {
                servers.addressOf(factory).ifPresent(address -> {
                    throw new IllegalStateException(name + " cannot take over the socket that is kept "
                            + "for port " + address.getPort() + ": keep none (--listen), or use Tomcat "
                            + "or Jetty");
                });
            }
        };
    }
}
