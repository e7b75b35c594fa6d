"""The curves of a soak as an SVG that needs nothing else and reads on a light and a dark page."""

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
