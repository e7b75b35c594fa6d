"""The faults, each a function of one step; one file a family."""
import collections

Fault = collections.namedtuple("Fault", "name worlds weight act")
ALL = {}


def fault(name, worlds=("pid", "docker"), weight=1):
    def register(act):
        ALL[name] = Fault(name, worlds, weight, act)
        return act
    return register


def load():
    from faults import clock, commands, disk, kills, limits, log, sockets, stops  # noqa: F401
    return ALL
