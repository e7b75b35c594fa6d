"""
Signals to PID 1 at random moments, restarts and deaths of the daemon included: each is noted by the
daemon, ended it before it could note any, or is said by PID 1 to have reached nobody.

Signals of one number that meet in the kernel are one signal, so the next one is sent when it is known
what has become of the last.
"""
import calendar
import itertools
import os
import signal
import tempfile
import threading
import time

import kernel
from pidworld import PidWorld
from kernel import within
from watch import Watch

# what ends a process that does not ask for it: one that is ignored by default shows nothing
NAMES = {signal.SIGUSR1: "SIGUSR1", signal.SIGUSR2: "SIGUSR2", signal.SIGHUP: "SIGHUP",
         **{signal.SIGRTMIN + i: "SIGRTMIN" + ("+%d" % i if i else "") for i in range(10)}}
# The kernel hands out the lowest first: who has noted one of these has had all that came before it. In
# turn, so that a late one is not taken for the next.
MARKERS = itertools.cycle(range(signal.SIGRTMIN + 10, signal.SIGRTMIN + 20))
MARKED_AFTER = 0.1
LOST = "lost"
SETTINGS = ["--ready", "none", "--backoff-initial", "20ms", "--backoff-max", "40ms",
            "--stop-timeout", "3s", "--container-stop-timeout", "10s"]


class Tail:
    """The lines of a file that grows."""

    def __init__(self, path):
        self.path = path
        self.at = 0
        self.rest = ""

    def more(self):
        try:
            with open(self.path, errors="replace") as file:
                file.seek(self.at)
                text = file.read()
                self.at = file.tell()
        except OSError:
            return []
        *lines, self.rest = (self.rest + text).split("\n")
        return lines


class Fates:
    """What is said of signals, by the daemon and by PID 1."""

    def __init__(self, world, seen):
        self.seen = Tail(seen)
        self.log = Tail(world.path("log"))
        self.ends = []
        self.marker = 0
        self.marked = False

    def of(self, number):
        """What has come since the last look."""
        log = self.log.more()
        self.ends += [instant(line) for line in log if " ended after " in line]
        seen = self.seen.more()
        self.marked |= "got %d" % self.marker in seen
        if "got %d" % number in seen:
            return "noted by the daemon"
        if any(" ended after " in line and ": %s," % NAMES[number] in line for line in log):
            return "that ended a daemon before it was armed"
        if any("%s reached nobody" % NAMES[number] in line for line in log):
            return "said to reach nobody"
        return None

    def died(self, sent):
        """Whether a daemon has ended since then: the signal may have been with that."""
        return any(end >= sent - 0.05 for end in self.ends)


def instant(line):
    stamp, rest = line.split("Z ", 1)[0].split(".")
    return calendar.timegm(time.strptime(stamp, "%Y-%m-%dT%H:%M:%S")) + float("0." + rest)


def disturb(run, world, chance, over):
    """Deaths and restarts all the while, at random moments."""
    while not over.wait(chance.uniform(0.05, 0.6)):
        if chance.random() < 0.5:
            if world.signal_main(signal.SIGKILL):
                run.fault("kill-daemon")
        else:
            world.call("restart.request", force=chance.random() < 0.5, door="cli")
            run.fault("restart")


def main(run, count):
    base = tempfile.mkdtemp(prefix="chaos-")
    seen = base + "/p/keep/seen"
    here = os.path.dirname(os.path.abspath(__file__))
    world = PidWorld(run, base + "/p", ["python3", here + "/counter.py", seen, "--config",
                                               base + "/p/node.json"], SETTINGS)
    watch = Watch(run, world)
    chance = run.random(0)
    over = threading.Event()
    try:
        world.start()
        watch.start()
        run.require(world.await_ready(), "the daemon gets ready", world.log()[-900:])
        # a chance of its own, since it runs beside
        other = threading.Thread(target=disturb, args=(run, world, run.random(1), over),
                                 daemon=True)
        other.start()
        fates = Fates(world, seen)
        for _ in range(count):
            send(run, world, fates, chance)
        over.set()
        other.join()
    finally:
        over.set()
        watch.over.set()
        world.ends_allowed = True
        world.close()
    run.leave(base)
    return run.figures()


def is_pending(world, number):
    """Whether a child of PID 1 has it, and has not noted it yet."""
    for pid in kernel.children(world.pid1):
        for line in kernel.read("/proc/%d/status" % pid).splitlines():
            if line.startswith(("SigPnd:", "ShdPnd:")) and int(line.split()[1], 16) >> number - 1 & 1:
                return True
    return False


def await_marker(world, fates, fate_of, sent):
    """
    Sends another one behind it: a daemon that notes that, and nobody has ended since, was never handed
    the first. So a slow machine accuses nobody, and what is lost cannot hide behind a later death.
    """
    fates.marker = next(MARKERS)
    fates.marked = False
    world.signal_pid1(fates.marker)
    return within(kernel.bound(2), lambda: fate_of() or fates.marked and not fates.died(sent) and LOST,
                  0.001)


def send(run, world, fates, chance):
    number = chance.choice(list(NAMES))
    time.sleep(chance.uniform(0, 0.4))
    fates.of(number)
    handed = []

    def fate_of():
        handed.extend([True] if is_pending(world, number) else [])
        return fates.of(number)
    sent = time.time()
    world.signal_pid1(number)
    run.fault("signal")
    fate = within(MARKED_AFTER, fate_of, 0.001)
    if fate is None:
        fate = await_marker(world, fates, fate_of, sent)
    if fate is None and handed and fates.died(sent):
        fate = "handed to a daemon that died with it"
    elif fate is None and fates.died(sent):
        fate = "that met a dying daemon"
    if fate and fate != LOST:
        run.count("signals " + fate)
    else:
        run.violation("each signal is noted, ends the daemon or is said to reach nobody",
                      "%s, sent at %.3f, did nothing; log: %s" % (NAMES[number], sent,
                                                                  world.log()[-700:]))
