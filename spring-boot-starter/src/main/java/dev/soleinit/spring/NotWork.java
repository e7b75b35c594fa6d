package dev.soleinit.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What no restart waits for: on a {@code @Scheduled} or {@code @Async} method, a handler method of Spring
 * MVC (one that streams for hours, say), or a class of them.
 */
@Documented
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface NotWork {}
