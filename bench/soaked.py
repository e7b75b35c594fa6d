"""A PID 1 that soak.py puts under load, what it takes, and how long it lets signals wait."""
import json, os, pathlib, re, shutil, signal, socket, subprocess, threading, time

# PID 1 gives back what it does not need 20 s after the last thing happened; a look at the daemon's
# processes comes 5 s after it is ready.
QUIET_S = 28.0
AGAIN_S = 21.0
# On a loaded machine it gives back later: what it has taken least in so many more seconds counts.
WATCHED_S = 20
SHM_BYTES = 64 + 8192 * 16
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


def before_others(*pids):
    """Their threads run before everything else of the machine; what they start does not."""
    for pid in pids:
        for thread in os.listdir("/proc/%d/task" % pid) if pid else []:
            try:
                os.sched_setscheduler(int(thread), os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))
            except ProcessLookupError:
                pass


class Supervisor:
    """A PID 1 in a namespace of its own, with the child of helpers/ as its daemon, or beside it."""

    def __init__(self, home, place, build, options, command):
        self.place = place
        self.build = build
        (place / "shm").write_bytes(bytes(SHM_BYTES))
        self.unshare = subprocess.Popen(
            ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child",
             str(copy_home(home, place) / "bin/entrypoint"),
             "--run-dir", str(place / "run"), "--state-dir", str(place / "state"), "--log-level", "error",
             *options, "--", *(word.replace("PLACE", str(place)).replace("CHILD", str(build / "child"))
                               for word in command)], stdin=subprocess.DEVNULL)
        self.pid = self.wait(self.child)
        self.wait(lambda: (place / "run/control.sock").exists())
        self.wait(lambda: self.status()["state"] == "ready")
        self.begun = time.monotonic()
        self.gc_from = 0

    def child(self):
        path = "/proc/%d/task/%d/children" % (self.unshare.pid, self.unshare.pid)
        words = pathlib.Path(path).read_text().split()
        return int(words[0]) if words else None

    def wait(self, found, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                value = found()
                if value:
                    return value
            except (OSError, ValueError):
                pass
            time.sleep(0.02)
        raise SystemExit("soak.py: waited in vain for " + repr(found))

    def favour(self):
        """
        What the other work of the machine takes is no pause of ours: the threads of PID 1 and the daemon
        that gets the signals run before it. Their children do not inherit that.
        """
        before_others(self.pid, self.main())
        if not self.gc_from:
            self.gc_from = (self.place / "gc.log").stat().st_size

    def main(self):
        """The process that notes signals; 0 while there is none."""
        for path in pathlib.Path("/proc/%d/task" % self.pid).glob("*/children"):
            for pid in path.read_text().split():
                if os.readlink("/proc/%s/exe" % pid).endswith("/child"):
                    return int(pid)
        return 0

    def connect(self):
        link = socket.socket(socket.AF_UNIX)
        link.connect(str(self.place / "run/control.sock"))
        return link, link.makefile("rb")

    def status(self):
        link, lines = self.connect()
        with link, lines:
            return ask(link, lines, "status")

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


def ask(link, lines, method, **params):
    link.sendall((json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}) + "\n").encode())
    return json.loads(lines.readline())["result"]
