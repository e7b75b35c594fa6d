package dev.soleinit.spring.work;

import java.util.ArrayList;
import java.util.List;
import org.springframework.core.env.Environment;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/** Requests that are no work: probes have to be answered while new work is refused. */
final class Exclusions {
    private final List<PathPattern> patterns = new ArrayList<>();

    Exclusions(List<String> excluded, Environment environment) {
        String actuator = environment.getProperty("management.endpoints.web.base-path", "/actuator");
        List<String> all = new ArrayList<>(excluded);
        if (!actuator.equals("/")) {
            all.add(actuator + "/**");
        }
        all.forEach(pattern -> patterns.add(PathPatternParser.defaultInstance.parse(pattern)));
    }

    boolean has(String path) {
        PathContainer parsed = PathContainer.parsePath(path);
        for (PathPattern pattern : patterns) {
            if (pattern.matches(parsed)) {
                return true;
            }
        }
        return false;
    }
}
