package dev.soleinit.spring.work;

import dev.soleinit.spring.NotWork;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Lets go of requests whose handler of Spring MVC is {@link NotWork}. */
final class NotWorkInterceptor implements HandlerInterceptor, WebMvcConfigurer {
    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(this);
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response,
            Object handler) {
        if (handler instanceof HandlerMethod method && (method.hasMethodAnnotation(NotWork.class)
                || method.getBeanType().isAnnotationPresent(NotWork.class))
                && request.getAttribute(RequestFilter.HOLD) instanceof Piece.Hold hold) {
            hold.close();
        }
        return true;
    }
}
