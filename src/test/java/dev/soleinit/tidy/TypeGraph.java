package dev.soleinit.tidy;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which files name which, by the names of their types as they stand in the source. Comments and texts do
 * not count, nor does {@code permits}: who seals a type has to name those that extend it.
 */
record TypeGraph(Map<String, Set<String>> named) {
    private static final Pattern NOT_CODE = Pattern.compile("(?s)\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\])*+\""
            + "|'(?:\\\\.|[^'\\\\])*+'|//[^\\n]*|/\\*.*?\\*/|\\bpermits\\s[^{]*");
    private static final Pattern NAME = Pattern.compile("\\b[A-Z]\\w*");

    /** The graph of some sources, each by the name of its type. */
    static TypeGraph of(Map<String, String> sources) {
        Map<String, Set<String>> named = new TreeMap<>();
        sources.forEach((type, source) -> {
            Set<String> others = new TreeSet<>(names(source));
            others.retainAll(sources.keySet());
            others.remove(type);
            named.put(type, others);
        });
        return new TypeGraph(named);
    }

    /** All names of a source that could be those of types. */
    static Set<String> names(String source) {
        return NAME.matcher(code(source)).results().map(match -> match.group())
                .collect(Collectors.toSet());
    }

    /** A source without what is no code. */
    static String code(String source) {
        return NOT_CODE.matcher(source).replaceAll(" ");
    }

    /** The same without some of its edges, each written {@code From To}. */
    TypeGraph without(Set<String> edges) {
        Map<String, Set<String>> left = new TreeMap<>();
        named.forEach((type, others) -> left.put(type, others.stream()
                .filter(other -> !edges.contains(type + " " + other))
                .collect(Collectors.toCollection(TreeSet::new))));
        return new TypeGraph(left);
    }

    boolean has(String edge) {
        return named.getOrDefault(edge.split(" ")[0], Set.of()).contains(edge.split(" ")[1]);
    }

    /** Each circle, as the set of the types that reach each other. */
    Set<List<String>> circles() {
        Map<String, Set<String>> reached = named.keySet().stream()
                .collect(Collectors.toMap(Function.identity(), this::reachedFrom));
        return named.keySet().stream().filter(type -> reached.get(type).contains(type))
                .map(type -> reached.get(type).stream()
                        .filter(other -> reached.get(other).contains(type)).sorted().toList())
                .collect(Collectors.toSet());
    }

    private Set<String> reachedFrom(String start) {
        Set<String> reached = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(start));
        while (!open.isEmpty()) {
            for (String other : named.get(open.pop())) {
                if (reached.add(other)) {
                    open.push(other);
                }
            }
        }
        return reached;
    }
}
