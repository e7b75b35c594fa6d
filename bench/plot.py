"""The curves of a soak, and of growth, as an SVG that needs nothing else and reads on a light and a dark page."""
import math

WIDTH, PANEL, LEFT, RIGHT, TOP, GAP = 780, 150, 58, 30, 34, 44
COLOURS = {"restarts": "#2f6fb0", "calls": "#c2571a", "work": "#3c8d40"}
LABELS = {"restarts": "restarts", "calls": "calls", "work": "pieces of work"}
STYLE = ("text{font:12px sans-serif;fill:#444}.axis{stroke:#888;fill:none}.grid{stroke:#8883;fill:none}"
         "@media(prefers-color-scheme:dark){text{fill:#ccc}}")


def ceiling(value):
    """The next round number: 1, 2 or 5 with zeros."""
    step = 10 ** max(0, len(str(int(value))) - 1)
    return next(step * times for times in (1, 2, 5, 10) if value <= step * times)


def panel(top, title, unit, curves):
    """One diagram: share of the load that is done, to the right, and a value each."""
    most = ceiling(max((value for points in curves.values() for _, value in points), default=1))
    wide = WIDTH - LEFT - RIGHT
    x = lambda share: LEFT + wide * share
    y = lambda value: top + PANEL - PANEL * value / most
    parts = ['<text x="%d" y="%d">%s</text>' % (LEFT, top - 8, title)]
    for quarter in range(5):
        value = most * quarter / 4
        parts.append('<path class="grid" d="M%d %.1fH%d"/>' % (LEFT, y(value), WIDTH - RIGHT))
        parts.append('<text x="%d" y="%.1f" text-anchor="end">%g%s</text>'
                     % (LEFT - 6, y(value) + 4, value, unit if quarter == 4 else ""))
        parts.append('<text x="%.1f" y="%d" text-anchor="middle">%d %%</text>'
                     % (x(quarter / 4), top + PANEL + 16, 25 * quarter))
    parts.append('<path class="axis" d="M%d %dV%dH%d"/>' % (LEFT, top, top + PANEL, WIDTH - RIGHT))
    for name, points in curves.items():
        line = "L".join("%.1f %.1f" % (x(share), y(value)) for share, value in points)
        parts.append('<path d="M%s" fill="none" stroke="%s" stroke-width="2"/>' % (line, COLOURS[name]))
    return parts


def soak(soaked):
    """PSS, the latency of signals, and descriptors with threads, over the load that is done."""
    def curves(value, quiet=None):
        found = {}
        for name, one in soaked.items():
            points = [(part["done"] / one["count"], value(part)) for part in one["series"]]
            found[name] = ([(0, quiet(one["figures"]["fresh"]))] if quiet else []) + points
        return found

    panels = [("PSS of PID 1 in the middle of the load, MB", "", curves(lambda at: at["pss"] / 1024,
                                                                        lambda at: at["pss"] / 1024)),
              ("signal to the daemon, p99, microseconds", "", curves(lambda at: at["signals"].get("p99", 0))),
              ("descriptors and threads", "", curves(lambda at: at["descriptors"] + at["threads"],
                                                     lambda at: at["descriptors"] + at["threads"]))]
    height = len(panels) * (TOP + PANEL + GAP)
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">'
             % (WIDTH, height, WIDTH, height), "<title>What PID 1 takes over a soak</title>",
             "<style>%s</style>" % STYLE]
    right = WIDTH - RIGHT
    for name in reversed(list(soaked)):
        parts.append('<text x="%d" y="16" text-anchor="end" style="fill:%s">%s %s</text>'
                     % (right, COLOURS[name], format(soaked[name]["count"], ","), LABELS[name]))
        right -= 175
    for number, (title, unit, some) in enumerate(panels):
        parts += panel(number * (TOP + PANEL + GAP) + TOP + 6, title, unit, some)
    return "\n".join(parts + ["</svg>"]) + "\n"


SMALL, HIGH, COLUMNS = 250, 130, 3


def growth(found):
    """A small diagram a cost, both axes logarithmic: a flat cost is a level line, a linear one rises as the dashes do."""
    rows = -(-len(found) // COLUMNS)
    width, height = COLUMNS * SMALL + RIGHT, rows * (HIGH + 66)
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">'
             % (width, height, width, height), "<title>How each cost of PID 1 grows</title>", "<style>%s</style>" % STYLE]
    for number, (title, points) in enumerate(found.items()):
        parts += small(number % COLUMNS * SMALL + 46, number // COLUMNS * (HIGH + 66) + 30, title, points)
    return "\n".join(parts + ["</svg>"]) + "\n"


def small(left, top, title, points):
    wide = SMALL - 70
    first, last = (math.log10(points[at][0]) for at in (0, -1))
    least = math.floor(math.log10(min(taken for _, taken in points)))
    most = max(least + 1, math.ceil(math.log10(max(taken for _, taken in points))))
    x = lambda size: left + wide * (math.log10(size) - first) / ((last - first) or 1)
    y = lambda taken: top + HIGH - HIGH * min(1, max(0, (math.log10(taken) - least) / (most - least)))
    parts = ['<text x="%d" y="%d" style="font-size:11px">%s</text>' % (left - 30, top - 10, title)]
    for decade in range(least, most + 1):
        parts.append('<path class="grid" d="M%d %.1fH%d"/>' % (left, y(10 ** decade), left + wide))
        parts.append('<text x="%d" y="%.1f" text-anchor="end">%g</text>' % (left - 5, y(10 ** decade) + 4, 10 ** decade))
    for size, _ in (points[0], points[-1]):
        parts.append('<text x="%.1f" y="%d" text-anchor="middle">%s</text>' % (x(size), top + HIGH + 15, format(size, ",")))
    rise = min(points[-1][0] / points[0][0], 10 ** most / points[0][1])
    parts.append('<path d="M%.1f %.1fL%.1f %.1f" stroke="#8888" stroke-dasharray="4 4" fill="none"/>'
                 % (x(points[0][0]), y(points[0][1]), x(points[0][0] * rise), y(points[0][1] * rise)))
    line = "L".join("%.1f %.1f" % (x(size), y(taken)) for size, taken in points)
    parts.append('<path d="M%s" fill="none" stroke="%s" stroke-width="2"/>' % (line, COLOURS["restarts"]))
    return parts + ['<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>' % (x(size), y(taken), COLOURS["restarts"])
                    for size, taken in points]
