"""A PID 1 that soak.py puts under load, what it takes, and how long it lets signals wait."""
import os, pathlib, re, shutil, signal, subprocess, threading, time

from bench import SHM_SIZE
from pid1 import Pid1, before_others

# PID 1 gives back what it does not need 20 s after the last thing happened; the last look at a daemon that is
# a shell comes 6 s after it is ready.
QUIET_S = 28.0
AGAIN_S = 21.0
# On a loaded machine it gives back later: what it has taken least in so many more seconds counts.
WATCHED_S = 20
# Besides the distribution's own options, which are not touched: what the JVM itself says of its pauses.
GC_LOG = "-Xlog:gc,safepoint:file=%s:uptime:filecount=0\n"
PAUSE = re.compile(r'Safepoint "(\w+)".* Total: +(\d+) ns')
COLLECTIONS = {"SerialCollectForAllocation", "SerialGCCollect", "GenCollectForAllocation", "GenCollectFull",
               "CollectForMetadataAllocation"}


def copy_home(home, place):
    """A copy whose pages nobody shares: PSS would be less whenever another supervisor runs."""
    copy = place / "home"
    shutil.copytree(home, copy, symlinks=True)
    with open(copy / "lib/jvm.options", "a") as options:
        options.write(GC_LOG % (place / "gc.log"))
    return copy


class Supervisor(Pid1):
    """One with the child of helpers/ as its daemon, or beside it."""

    def __init__(self, home, place, build, options, command):
        self.build = build
        (place / "shm").write_bytes(bytes(SHM_SIZE))
        super().__init__(copy_home(home, place), place, ["--log-level", "error", *options],
                         [word.replace("PLACE", str(place)).replace("CHILD", str(build / "child")) for word in command])
        self.wait(self.is_ready)
        self.begun = time.monotonic()
        self.gc_from = 0

    def favour(self):
        """
        What the other work of the machine takes is no pause of ours: the threads of PID 1 and the daemon
        that gets the signals run before it. Their children do not inherit that.
        """
        before_others(self.pid, self.main())
        if not self.gc_from:
            self.gc_from = (self.place / "gc.log").stat().st_size

    def sample(self):
        """What it takes right now."""
        proc = pathlib.Path("/proc/%d" % self.pid)
        rollup = dict(line.split(":", 1) for line in (proc / "smaps_rollup").read_text().splitlines()[1:])
        return {"at": round(time.monotonic() - self.begun, 2), "pss": int(rollup["Pss"].split()[0]),
                "anonymous": int(rollup["Pss_Anon"].split()[0]),
                "descriptors": len(list((proc / "fd").iterdir())),
                "threads": len(list((proc / "task").iterdir()))}

    def quiet(self):
        """
        What it takes after a spell of quiet, and how much of that is the heap. Twice: the first time the
        JVM compiles what gives back, and maps some of itself again for that. Whoever asks it anything
        has it map again what answers: nobody does here.
        """
        time.sleep(QUIET_S)
        self.status()
        time.sleep(AGAIN_S)
        least = self.sample()
        for _ in range(WATCHED_S):
            time.sleep(1)
            least = min(least, self.sample(), key=lambda sample: sample["pss"])
        heap, below = 0, False
        for line in pathlib.Path("/proc/%d/smaps" % self.pid).read_text().splitlines():
            if not line[0].isupper():
                below = int(line.split("-")[0], 16) < 1 << 32
            elif below and line.startswith("Anonymous:"):
                heap += int(line.split()[1])
        return dict(least, heap=heap)

    def pauses(self):
        """Milliseconds for which the JVM stood still, by what for: collections of garbage, and the rest."""
        found = {"collections": [], "others": []}
        with open(self.place / "gc.log") as log:
            log.seek(self.gc_from)
            for what, nanos in PAUSE.findall(log.read()):
                found["collections" if what in COLLECTIONS else "others"].append(int(nanos) / 1e6)
        return found

    def end(self):
        os.kill(self.pid, signal.SIGTERM)
        try:
            self.unshare.wait(20)
        except subprocess.TimeoutExpired:
            self.unshare.kill()
            self.unshare.wait()


class Signals:
    """USR1 to PID 1 every five milliseconds, until the daemon has it; as a context, while in it."""

    def __init__(self, supervisor):
        self.supervisor = supervisor
        self.micros = []
        self.lost = 0

    def __enter__(self):
        self.process = subprocess.Popen(
            ["chrt", "--rr", "1", str(self.supervisor.build / "sigbench"), str(self.supervisor.place / "shm"),
             str(10 ** 9), "5000", "kill", str(self.supervisor.pid), str(int(signal.SIGUSR1))],
            stdout=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        return self

    def read(self):
        for line in self.process.stdout:
            nanos = int(line)
            if nanos < 0:
                self.lost += 1
            else:
                self.micros.append(nanos / 1000)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.reader.join()

    def figures(self):
        return dict(quantiles(self.micros), lost=self.lost)


def quantiles(values):
    values = sorted(values)
    if not values:
        return {"n": 0}
    at = lambda share: round(values[min(len(values) - 1, int(share * len(values)))], 3)
    return {"n": len(values), "p50": at(0.5), "p99": at(0.99), "p99.9": at(0.999), "max": round(values[-1], 3)}
