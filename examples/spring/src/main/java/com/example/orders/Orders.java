package com.example.orders;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** A shop that takes orders: an ordinary application, in which nothing knows of a supervisor. */
@SpringBootApplication
@EnableScheduling
@EnableAsync
public class Orders {
    public static void main(String[] args) {
        SpringApplication.run(Orders.class, args);
    }

    /** An order takes as many milliseconds as it says, and its confirmation goes out by itself. */
    @RestController
    static class Counter {
        private final Letters letters;

        Counter(Letters letters) {
            this.letters = letters;
        }

        @PostMapping("/slow/{ms}")
        String order(@PathVariable("ms") long ms) throws InterruptedException {
            Thread.sleep(ms);
            letters.confirm();
            return "ordered\n";
        }
    }

    /** What happens beside the requests. */
    @Component
    static class Letters {
        private final AtomicLong sent = new AtomicLong();

        @Async
        void confirm() throws InterruptedException {
            Thread.sleep(ThreadLocalRandom.current().nextLong(20));
            sent.incrementAndGet();
        }

        @Scheduled(fixedDelay = 1_000)
        void sweep() throws InterruptedException {
            Thread.sleep(20);
        }
    }
}
