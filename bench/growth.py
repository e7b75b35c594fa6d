#!/usr/bin/env python3
"""Measures how each cost of PID 1 grows with what causes it; see bench/README.md.

    bench/growth [--quick] [--only NAME,...] [--distribution target/soleinit]

Writes results/growth.md (the table), growth.json (all values) and growth.svg, and puts the table into
docs/benchmarks.md. Everything runs in PID namespaces of its own and on loopback, and is ended by its exact id.
"""
import argparse, ctypes, json, os, pathlib, shutil, signal, statistics, tempfile, time

import plot
from bench import EV_CRASH, EV_START, Shm
from pid1 import Pid1, ask, before_others

HERE = pathlib.Path(__file__).resolve().parent
WORK = """
import json, os, socket, sys, time
s = socket.socket(socket.AF_UNIX); s.connect(os.environ["DAEMON_RUN_DIR"] + "/control.sock")
def send(**m): s.sendall((json.dumps({"jsonrpc": "2.0", **m}) + "\\n").encode())
send(method="attach", params={"token": os.environ["DAEMON_TOKEN"], "generation": int(os.environ["DAEMON_GENERATION"])})
for i in range(int(sys.argv[1])): send(method="work.begin", params={"id": "i%d" % i, "kind": "session", "description": "x" * 20})
send(method="ready", params={}); time.sleep(1000)
"""


def now():
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


class Supervisor(Pid1):
    """One whose threads run before everything else of the machine, as the daemon's do."""

    def __init__(self, home, place, options, command, ready=60):
        own = pathlib.Path(tempfile.mkdtemp(dir=place))
        self.shm = Shm(str(own / "shm"))
        self.begun = now()
        super().__init__(home, own, ["--log-level", "error", "--healthy-after", "100ms", *options],
                         [word.replace("SHM", self.shm.path) for word in command], prefix=["chrt", "-r", "1"])
        self.soon(self.is_ready, ready)

    def soon(self, found, seconds=60):
        return self.wait(found, seconds, 0.0005)

    def restart(self):
        """From the end of the daemon to its successor's first instruction."""
        since = self.shm.u32(8)
        os.kill(self.main(), signal.SIGUSR2)
        crash = self.soon(lambda: self.shm.find(EV_CRASH, since))
        start = self.soon(lambda: self.shm.find(EV_START, crash[0]))
        self.soon(self.is_ready)
        time.sleep(0.25)
        return (start[2] - crash[2]) / 1e6

    def end(self):
        os.kill(self.pid, signal.SIGTERM)
        self.unshare.wait()
        self.shm.close()
        shutil.rmtree(self.place)


class Growth:
    """Each method that is named in COSTS takes a size and returns milliseconds."""

    def __init__(self, home, place, build):
        self.home, self.place, self.child = home, place, str(build / "child")

    def supervisor(self, options=(), command=None, ready=60):
        return Supervisor(self.home, self.place, options, command or [self.child, "SHM", "idle"], ready)

    @staticmethod
    def timed(task):
        begun = now()
        task()
        return (now() - begun) / 1e6

    def restarts(self, supervisor, times=7):
        time.sleep(0.8)
        values = [supervisor.restart() for _ in range(times + 1)][1:]
        supervisor.end()
        return statistics.median(values)

    def work(self, size, method):
        one = self.supervisor(["--ready", "attach"], ["python3", "-c", WORK, str(size)], 120)
        link, lines = one.connect()
        with link, lines:
            values = [self.timed(lambda: ask(link, lines, method)) for _ in range(40)][20:]
        one.end()
        return statistics.median(values)

    def preflight(self, size):
        return self.work(size, "restart.preflight")

    def status(self, size):
        return self.work(size, "status")

    def watched(self, size):
        """From the write into one of so many files, a hundred a directory, to the event of it."""
        tree = pathlib.Path(tempfile.mkdtemp(dir=self.place))
        for number in range(size):
            if number % 100 == 0:
                (tree / str(number // 100)).mkdir()
            (tree / str(number // 100) / str(number)).write_text("x")
        old = time.time() - 3600
        os.utime(tree / "0/0", (old, old))
        one = self.supervisor(["--watch", str(tree), "--on-change", "none"])
        self.settle(one)
        link, lines = one.connect()
        values = []
        with link, lines:
            ask(link, lines, "events.subscribe", follow=True)
            for turn in range(3):
                begun = now()
                (tree / str(turn % max(1, size // 100)) / str(100 * (turn % max(1, size // 100)))).write_text("y%d" % turn)
                while b'\\"changed\\"' not in lines.readline():
                    pass
                values.append((now() - begun) / 1e6)
                self.settle(one)
        one.end()
        shutil.rmtree(tree)
        return statistics.median(values)

    def settle(self, one):
        """Until its thread that watches has done nothing for a second."""
        def used():
            for task in pathlib.Path("/proc/%d/task" % one.pid).iterdir():
                if (task / "comm").read_text() == "watch\n":
                    return (task / "schedstat").read_text().split()[0]
            return ""
        before, quiet = used(), 0
        while quiet < 2:
            time.sleep(0.7)
            after = used()
            quiet, before = quiet + 1 if after == before and after else 0, after

    def orphans(self, size):
        return statistics.median(self.reaped(size) for _ in range(3))

    def reaped(self, size):
        """PID 1 stands still while they die; then, until it has reaped them all."""
        one = self.supervisor(command=[self.child, "SHM", "orphans", str(size)])
        one.soon(lambda: one.shm.norph >= size)
        time.sleep(2.5)
        os.kill(one.pid, signal.SIGSTOP)
        one.shm.set_cmd(1)
        wake(one.shm.m)
        one.soon(lambda: one.shm.dead >= size)
        time.sleep(0.5)
        link, lines = one.connect()
        with link, lines:
            link.sendall(b'{"jsonrpc":"2.0","id":1,"method":"status","params":{}}\n')
            begun = now()
            os.kill(one.pid, signal.SIGCONT)
            lines.readline()
            taken = (now() - begun) / 1e6
        one.end()
        return taken

    def callers(self, size):
        """A `status` of each of so many at once, until the last has its answer."""
        one = self.supervisor()
        links = [one.connect() for _ in range(size)]
        def all_of_them():
            for link, _ in links:
                link.sendall(b'{"jsonrpc":"2.0","id":1,"method":"status","params":{}}\n')
            for _, lines in links:
                lines.readline()
        values = [self.timed(all_of_them) for _ in range(60)][30:]
        for link, lines in links:
            lines.close()
            link.close()
        one.end()
        return statistics.median(values)

    def subscribers(self, size):
        """The daemon's end with so many who are told of it."""
        one = self.supervisor()
        links = [one.connect() for _ in range(size)]
        for link, lines in links:
            ask(link, lines, "events.subscribe", follow=True)
        taken = self.restarts(one)
        for link, lines in links:
            lines.close()
            link.close()
        return taken

    def journal(self, size):
        """The start of PID 1 where the journal has so many lines already."""
        def once():
            place = pathlib.Path(tempfile.mkdtemp(dir=self.place))
            (place / "events.jsonl").write_text("".join(
                '{"seq":%d,"at":"2026-01-01T00:00:00Z","event":"phase","phase":"ready","generation":1,"pid":7}\n' % line
                for line in range(1, size + 1)))
            one = self.supervisor(["--state-dir", str(place)])
            taken = (one.shm.find(EV_START)[2] - one.begun) / 1e6
            one.end()
            shutil.rmtree(place)
            return taken
        return statistics.median(once() for _ in range(7))

    def sockets(self, size):
        """A restart that hands over so many listening sockets."""
        return self.restarts(self.supervisor([word for number in range(size)
                                              for word in ("--listen", "unix:%s/s%d" % (self.place, number))]))

    def generations(self, size):
        """A restart after so many generations."""
        place = pathlib.Path(tempfile.mkdtemp(dir=self.place))
        (place / "generation").write_text("%d\n" % size)
        taken = self.restarts(self.supervisor(["--state-dir", str(place)]))
        shutil.rmtree(place)
        return taken

    def store(self, size):
        """A restart that hands over so many descriptors of the store."""
        one = self.supervisor(["--fd-store-max", str(max(1, size))], [self.child, "SHM", "store", str(size)])
        one.soon(lambda: len(one.status().get("storedDescriptors", [])) == size)
        return self.restarts(one)


def wake(shm):
    """Those that wait for the word in shared memory."""
    word = ctypes.addressof(ctypes.c_uint32.from_buffer(shm, 12))
    ctypes.CDLL(None).syscall(ctypes.c_long(202), ctypes.c_void_p(word), ctypes.c_int(1), ctypes.c_int(2 ** 31 - 1),
                              None, None, ctypes.c_int(0))


COSTS = {
    "preflight": ("pieces of work: a preflight", [10, 100, 1000, 10_000, 100_000]),
    "status": ("pieces of work: a `status`", [10, 100, 1000, 10_000, 100_000]),
    "watched": ("watched files: a change, 500 ms of quiet in it", [10, 100, 1000, 10_000, 100_000]),
    "orphans": ("orphans: reaping all", [10, 100, 1000, 10_000, 30_000]),
    "callers": ("callers at once: a `status` each", [1, 2, 4, 8, 15]),
    "subscribers": ("subscribers: exit to next start", [1, 4, 15]),
    "journal": ("lines of the journal: start of PID 1", [10, 100, 1000, 10_000]),
    "sockets": ("kept sockets: exit to next start", [1, 10, 64]),
    "generations": ("generations before: exit to next start", [1, 100, 10_000]),
    "store": ("descriptors in the store: exit to next start", [1, 10, 100]),
}


def slope(points):
    """What one more costs, in microseconds, from the smallest to the largest size."""
    (first, least), (last, most) = points[0], points[-1]
    return (most - least) * 1000 / (last - first)


def table(found):
    lines = ["| | size: ms | one more, µs |", "|---|---|---:|"]
    for name, points in found.items():
        cells = ", ".join("%s: %.3g" % (format(size, ","), taken) for size, taken in points)
        lines.append("| %s | %s | %.3g |" % (COSTS[name][0], cells, slope(points)))
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="the least and the two greatest sizes but the last")
    parser.add_argument("--only", default=",".join(COSTS))
    parser.add_argument("--distribution", type=pathlib.Path, default=HERE.parent / "target/soleinit")
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "results")
    parser.add_argument("--build", type=pathlib.Path, default=HERE / ".build")
    options = parser.parse_args()
    # else its own wait for a processor is taken for PID 1's
    before_others(os.getpid(), priority=2)
    place = pathlib.Path(tempfile.mkdtemp(prefix="growth-", dir="/dev/shm"))
    found = {}
    try:
        growth = Growth(options.distribution.resolve(), place, options.build.resolve())
        for name in options.only.split(","):
            sizes = COSTS[name][1]
            found[name] = []
            for size in sizes[:1] + sizes[-3:-1] if options.quick and len(sizes) > 3 else sizes:
                found[name].append((size, round(getattr(growth, name)(size), 3)))
                print("%-12s %7d: %10.3f ms" % (name, *found[name][-1]), flush=True)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    options.out.mkdir(parents=True, exist_ok=True)
    stem = "growth-quick" if options.quick else "growth"
    (options.out / (stem + ".json")).write_text(json.dumps(found, indent=1) + "\n")
    (options.out / (stem + ".md")).write_text(table(found))
    (options.out / (stem + ".svg")).write_text(plot.growth(found))
    print(table(found))


if __name__ == "__main__":
    main()
