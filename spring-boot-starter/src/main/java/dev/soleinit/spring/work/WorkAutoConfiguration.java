package dev.soleinit.spring.work;

import dev.soleinit.spring.ConditionalOnSupervisor;
import dev.soleinit.spring.SoleinitAutoConfiguration;
import dev.soleinit.spring.SoleinitProperties;
import jakarta.servlet.DispatcherType;
import java.util.EnumSet;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.scheduling.annotation.SchedulingConfigurer;
import org.springframework.web.server.WebFilter;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** What is work, where there is a supervisor to be told of it. */
@AutoConfiguration(after = SoleinitAutoConfiguration.class)
@ConditionalOnSupervisor
public class WorkAutoConfiguration {
    @Bean
    @ConditionalOnProperty(name = "soleinit.scheduled.enabled", matchIfMissing = true)
    SchedulingConfigurer soleinitScheduledWork(Admission admission) {
        return new ScheduledWork(admission);
    }

    @Bean
    @ConditionalOnProperty(name = "soleinit.async.enabled", matchIfMissing = true)
    static AsyncWork soleinitAsyncWork(ObjectProvider<Admission> admission) {
        return new AsyncWork(admission::getObject);
    }

    /** Requests of servlets. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnWebApplication(type = Type.SERVLET)
    @ConditionalOnProperty(name = "soleinit.requests.enabled", matchIfMissing = true)
    static class Servlets {
        @Bean
        FilterRegistrationBean<RequestFilter> soleinitRequestFilter(Admission admission,
                SoleinitProperties properties, Environment environment) {
            FilterRegistrationBean<RequestFilter> registration = new FilterRegistrationBean<>(
                    new RequestFilter(admission, new Exclusions(properties.requests().exclude(),
                            environment), properties.requests().retryAfter()));
            // a forward or an asynchronous dispatch is a part of a request that is counted
            registration.setDispatcherTypes(EnumSet.of(DispatcherType.REQUEST));
            registration.setOrder(Admission.ORDER);
            return registration;
        }

        /** Handlers of Spring MVC that are no work. */
        @Configuration(proxyBeanMethods = false)
        @ConditionalOnClass(WebMvcConfigurer.class)
        static class Mvc {
            @Bean
            NotWorkInterceptor soleinitNotWorkInterceptor() {
                return new NotWorkInterceptor();
            }
        }
    }

    /** Requests of WebFlux. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnWebApplication(type = Type.REACTIVE)
    @ConditionalOnProperty(name = "soleinit.requests.enabled", matchIfMissing = true)
    static class Reactive {
        @Bean
        WebFilter soleinitRequestFilter(Admission admission, SoleinitProperties properties,
                Environment environment) {
            return new RequestWebFilter(admission, new Exclusions(properties.requests().exclude(),
                    environment), properties.requests().retryAfter());
        }
    }
}
