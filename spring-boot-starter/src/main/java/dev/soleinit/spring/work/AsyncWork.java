package dev.soleinit.spring.work;

import dev.soleinit.lifecycle.RestartingException;
import dev.soleinit.spring.NotWork;
import java.lang.reflect.Method;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.springframework.aop.Advisor;
import org.springframework.aop.PointcutAdvisor;
import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.task.TaskRejectedException;
import org.springframework.scheduling.annotation.AnnotationAsyncExecutionInterceptor;

/**
 * Has {@code @Async} methods run as work from their call on: one interceptor before Spring's own, on the
 * caller's thread, and one behind it, on the thread that runs the method. Its proxies are made before
 * this sees them, because it has no order, and theirs has.
 */
final class AsyncWork implements BeanPostProcessor {
    private static final String HOLD = AsyncWork.class.getName() + ".HOLD";

    private final Supplier<Admission> admission;

    AsyncWork(Supplier<Admission> admission) {
        this.admission = admission;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        if (bean instanceof Advised advised && !advised.isFrozen()) {
            Advisor[] all = advised.getAdvisors();
            for (int i = 0; i < all.length; i++) {
                if (all[i] instanceof PointcutAdvisor async
                        && async.getAdvice() instanceof AnnotationAsyncExecutionInterceptor) {
                    advised.addAdvisor(i, new DefaultPointcutAdvisor(async.getPointcut(),
                            (MethodInterceptor) this::call));
                    advised.addAdvisor(i + 2, new DefaultPointcutAdvisor(async.getPointcut(),
                            (MethodInterceptor) AsyncWork::run));
                    break;
                }
            }
        }
        return bean;
    }

    private Object call(MethodInvocation invocation) throws Throwable {
        Class<?> target = invocation.getThis() == null ? invocation.getMethod().getDeclaringClass()
                : AopUtils.getTargetClass(invocation.getThis());
        Method method = AopUtils.getMostSpecificMethod(invocation.getMethod(), target);
        if (method.isAnnotationPresent(NotWork.class) || target.isAnnotationPresent(NotWork.class)) {
            return invocation.proceed();
        }
        Piece.Hold hold = admit(target.getName() + "." + method.getName());
        ((ProxyMethodInvocation) invocation).setUserAttribute(HOLD, hold);
        try {
            Object result = invocation.proceed();
            if (result instanceof CompletionStage<?> stage) {
                // what is cancelled while it is queued never runs
                stage.whenComplete((value, cancelled) -> hold.close());
            }
            return result;
        } catch (Throwable rejected) {
            hold.close();
            throw rejected;
        }
    }

    /** What is called by work that runs belongs to that, and can be refused no more. */
    private Piece.Hold admit(String description) {
        try {
            return admission.get().begin("async", description);
        } catch (RestartingException soon) {
            return Piece.current().map(Piece::hold).orElseThrow(() ->
                    new TaskRejectedException(description + ": " + soon.getMessage(), soon));
        }
    }

    private static Object run(MethodInvocation invocation) throws Throwable {
        if (!(((ProxyMethodInvocation) invocation).getUserAttribute(HOLD) instanceof Piece.Hold queued)) {
            return invocation.proceed();
        }
        Piece.Hold hold = queued.another();
        queued.close();
        boolean later = false;
        try (Piece.Scope scope = hold.enter()) {
            Object result = invocation.proceed();
            if (result instanceof CompletionStage<?> stage) {
                later = true;
                stage.whenComplete((value, failed) -> hold.close());
            }
            return result;
        } finally {
            if (!later) {
                hold.close();
            }
        }
    }
}
