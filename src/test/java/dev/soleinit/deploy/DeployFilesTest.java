package dev.soleinit.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.soleinit.config.Setting;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.api.Test;

/** The files of deploy/ are what Kubernetes, and this supervisor, take; their budgets fit. */
class DeployFilesTest {
    private static final Map<String, Class<? extends HasMetadata>> KINDS = Map.of(
            "ConfigMap", ConfigMap.class, "Service", Service.class,
            "Deployment", Deployment.class, "StatefulSet", StatefulSet.class);

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    /** The model keeps what it does not know in a map, where the API server would refuse it. */
    private static final ObjectMapper STRICT = new ObjectMapper(new YAMLFactory())
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .setAnnotationIntrospector(new JacksonAnnotationIntrospector() {
                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                    return false;
                }
            });

    private static Stream<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(Path.of("deploy"))) {
            return all.filter(path -> path.toString().endsWith(".yaml")).sorted().toList().stream();
        }
    }

    private static List<JsonNode> documents(String text) throws IOException {
        List<JsonNode> documents = new ArrayList<>();
        YAML.readerFor(JsonNode.class).<JsonNode>readValues(text).forEachRemaining(documents::add);
        return documents;
    }

    private static HasMetadata strictly(JsonNode document) throws IOException {
        Class<? extends HasMetadata> kind = KINDS.get(document.path("kind").asText());
        assertTrue(kind != null, "a kind that no test reads: " + document.path("kind"));
        return STRICT.treeToValue(document, kind);
    }

    private static List<JsonNode> kubernetes() throws IOException {
        List<JsonNode> all = new ArrayList<>();
        for (Path file : files().filter(path -> path.startsWith("deploy/kubernetes")).toList()) {
            all.addAll(documents(Files.readString(file)));
        }
        assertEquals(5, all.size(), "all documents are read");
        return all;
    }

    @Test
    void kubernetesKnowsEveryFieldOfItsFiles() throws IOException {
        for (JsonNode document : kubernetes()) {
            HasMetadata read = strictly(document);
            assertEquals(document.at("/metadata/name").asText(), read.getMetadata().getName());
        }
    }

    @Test
    void aFieldThatKubernetesDoesNotKnowIsFound() throws IOException {
        String text = Files.readString(Path.of("deploy/kubernetes/node.yaml"))
                .replace("terminationGracePeriodSeconds", "terminationGraceSeconds");
        assertThrows(JsonMappingException.class, () -> {
            for (JsonNode document : documents(text)) {
                strictly(document);
            }
        });
    }

    /** Each variable of ours, in the form of a list of maps or of a map. */
    private static Map<String, String> variables(JsonNode document) {
        Map<String, String> found = new HashMap<>();
        for (JsonNode list : document.findValues("env")) {
            list.forEach(one -> found.put(one.path("name").asText(), one.path("value").asText()));
        }
        for (JsonNode map : document.findValues("environment")) {
            map.properties().forEach(one -> found.put(one.getKey(), one.getValue().asText()));
        }
        found.keySet().removeIf(name -> !name.startsWith("DAEMON_"));
        return found;
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyVariableIsASetting(Path file) throws IOException {
        List<String> known = Arrays.stream(Setting.values()).map(Setting::variable).toList();
        for (JsonNode document : documents(Files.readString(file))) {
            for (String name : variables(document).keySet()) {
                assertTrue(known.contains(name), file + " has " + name + ", which is no setting");
            }
        }
    }

    private static long seconds(String text) {
        assertTrue(text.matches("[0-9]+s"), "a budget in whole seconds: '" + text + "'");
        return Long.parseLong(text.substring(0, text.length() - 1));
    }

    @ParameterizedTest
    @MethodSource("files")
    void whoEverStopsTheContainerGivesItTheTimeThatItIsTold(Path file) throws IOException {
        for (JsonNode document : documents(Files.readString(file))) {
            Map<String, String> ours = variables(document);
            List<String> theirs = new ArrayList<>(document.findValuesAsText("stop_grace_period"));
            document.findValuesAsText("terminationGracePeriodSeconds").forEach(one -> theirs.add(one + "s"));
            assertEquals(ours.isEmpty() ? 0 : 1, theirs.size(), file + ": " + theirs);
            for (String given : theirs) {
                assertEquals(seconds(given), seconds(ours.get("DAEMON_CONTAINER_STOP_TIMEOUT")), file.toString());
                long delay = seconds(ours.getOrDefault("DAEMON_STOP_DELAY", "0s"));
                long stop = seconds(ours.get("DAEMON_STOP_TIMEOUT"));
                assertTrue(delay + stop < seconds(given), file + ": " + delay + " + " + stop + " in " + given);
                assertTrue(seconds(ours.get("DAEMON_DRAIN_TIMEOUT")) < stop, file.toString());
            }
        }
    }
}
