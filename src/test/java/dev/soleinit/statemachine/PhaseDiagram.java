package dev.soleinit.statemachine;

import dev.soleinit.statemachine.model.Phase;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The phases and what leads from one to another, as a picture; filled from the transition table. */
final class PhaseDiagram {
    private static final int WIDTH = 150;
    private static final int HEIGHT = 40;
    /** Where each phase is drawn: the middle of its box. */
    private static final Map<String, int[]> PLACES = Map.ofEntries(
            Map.entry("Idle", new int[] {100, 200}), Map.entry("Spawning", new int[] {390, 60}),
            Map.entry("Starting", new int[] {650, 60}), Map.entry("Ready", new int[] {890, 60}),
            Map.entry("Reloading", new int[] {1190, 60}), Map.entry("Draining", new int[] {1190, 220}),
            Map.entry("BackingOff", new int[] {330, 200}),
            Map.entry("StopDelayed", new int[] {1190, 380}),
            Map.entry("Terminating", new int[] {890, 380}),
            Map.entry("ClearingLeftovers", new int[] {640, 380}),
            Map.entry("Killing", new int[] {890, 540}), Map.entry("Sweeping", new int[] {480, 540}),
            Map.entry("Done", new int[] {200, 540}));

    /** From and to, and the events that lead there. */
    private final Map<String, Map<String, Set<String>>> edges = new TreeMap<>();

    /** Notes what one line of the table shows. */
    void add(Phase from, Phase to, String event) {
        String begin = from.getClass().getSimpleName();
        String end = to.getClass().getSimpleName();
        if (!begin.equals(end)) {
            edges.computeIfAbsent(begin, _ -> new TreeMap<>())
                    .computeIfAbsent(end, _ -> new TreeSet<>()).add(event);
        }
    }

    String svg() {
        StringBuilder svg = new StringBuilder("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1290 600" font-family="sans-serif">
                <title>The phases of the daemon's life, generated from the transition table</title>
                <style>
                rect { fill: #f6f8fa; stroke: #57606a; } text { font-size: 14px; fill: #24292f; }
                path { fill: none; stroke: #57606a; marker-end: url(#arrow); }
                .exit path { stroke: #cf222e; stroke-dasharray: 5 4; } .label { font-size: 11px;
                paint-order: stroke; stroke: #ffffff; stroke-width: 4px; }
                .exit .label { fill: #cf222e; }
                </style>
                <marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" \
                orient="auto"><path d="M0 0L8 4L0 8z" style="fill:#57606a;stroke:none"/></marker>
                <rect width="1290" height="600" style="fill:#ffffff;stroke:none"/>
                """);
        StringBuilder labels = new StringBuilder();
        edges.forEach((from, all) -> all.forEach((to, events) -> edge(svg, labels, from, to, events)));
        svg.append(labels);
        new TreeMap<>(PLACES).forEach((name, at) -> svg.append("""
                <rect x="%d" y="%d" width="%d" height="%d" rx="8"/>\
                <text x="%d" y="%d" text-anchor="middle">%s</text>
                """.formatted(at[0] - WIDTH / 2, at[1] - HEIGHT / 2, WIDTH, HEIGHT, at[0], at[1] + 5,
                name)));
        return svg.append("</svg>\n").toString();
    }

    /** An arrow, a little to the left of the straight line, so that two ways do not lie on each other. */
    private static void edge(StringBuilder svg, StringBuilder labels, String from, String to,
            Set<String> events) {
        int[] a = PLACES.get(from);
        int[] b = PLACES.get(to);
        if (a == null || b == null) {
            throw new AssertionError("PhaseDiagram does not know where to draw " + from + " or " + to);
        }
        double length = Math.hypot(b[0] - a[0], b[1] - a[1]);
        double dx = (b[0] - a[0]) / length;
        double dy = (b[1] - a[1]) / length;
        double[] begin = border(a, dx, dy);
        double[] end = border(b, -dx, -dy);
        double bend = length > 300 ? 38 : 16;
        double x = (begin[0] + end[0]) / 2 + dy * bend;
        double y = (begin[1] + end[1]) / 2 - dx * bend;
        String kind = to.equals("Sweeping") ? " class=\"exit\"" : "";
        String title = "<title>" + from + " to " + to + ": " + String.join(", ", events) + "</title>";
        svg.append("<g%s>%s<path d=\"M%.0f %.0fQ%.0f %.0f %.0f %.0f\"/></g>%n".formatted(kind, title,
                begin[0], begin[1], x, y, end[0], end[1]));
        // the label lies on the curve, which passes halfway between its middle and this point
        labels.append("<g%s>%s<text class=\"label\" x=\"%.0f\" y=\"%.0f\" text-anchor=\"middle\">%s</text></g>%n"
                .formatted(kind, title, x - dy * bend / 2, y + dx * bend / 2, shortened(events)));
    }

    /** Where the line from the middle of a box leaves it. */
    private static double[] border(int[] middle, double dx, double dy) {
        double share = Math.min(dx == 0 ? 1e9 : WIDTH / 2.0 / Math.abs(dx),
                dy == 0 ? 1e9 : HEIGHT / 2.0 / Math.abs(dy));
        return new double[] {middle[0] + dx * share, middle[1] + dy * share};
    }

    /** One word for events of one sort; all of them are in the title. */
    private static String shortened(Set<String> events) {
        Set<String> sorts = new TreeSet<>();
        for (String event : events) {
            sorts.add(event.replaceFirst("^(ended|restart|leftovers) .*", "$1")
                    .replaceFirst("^(TERM|INT)$", "stop signal").replaceFirst(" asked$", ""));
        }
        return sorts.size() > 3 ? String.join(", ", sorts.stream().limit(2).toList()) + " …"
                : String.join(", ", sorts);
    }
}
