"""What --http costs PID 1: how fast it answers, what signals and memory are beside it."""
import argparse, os, pathlib, shutil, socket, statistics, subprocess, sys, tempfile, time

from bench import EV_START, Shm
from pid1 import Pid1, before_others

HERE = pathlib.Path(__file__).resolve().parent
PORT = 19_900
PATHS = (b"/readyz", b"/readyz", b"/metrics", b"/readyz", b"/livez", b"/status", b"/readyz")


class Client:
    """One connection that stays."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path):
        """Milliseconds until all of the answer is there."""
        begin = time.monotonic_ns()
        self.socket.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path)
        head, body = self.socket.recv(65536), b""
        while b"\r\n\r\n" not in head:
            head += self.socket.recv(65536)
        head, body = head.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 200 "), head
        length = int(head.split(b"Content-Length: ", 1)[1].split(b"\r\n", 1)[0])
        while len(body) < length:
            body += self.socket.recv(65536)
        return (time.monotonic_ns() - begin) / 1e6


class Life(Pid1):
    """One with a folder of its own, so that nobody shares its pages."""

    def __init__(self, arguments, place, port=0):
        (place / "run").mkdir(parents=True)
        shutil.copytree(arguments.home, place / "home", symlinks=True)
        self.port = port
        self.shm = Shm(str(place / "shm"))
        super().__init__(place / "home", place, ["--ready", "notify", *(["--http", "tcp:127.0.0.1:%d" % port] if port else [])],
                         [str(arguments.build / "child"), self.shm.path, "idle"],
                         stdout=subprocess.DEVNULL, stderr=(place / "log").open("w"))
        self.wait(lambda: self.shm.find(EV_START))

    def mebibytes(self):
        """PSS, and of it what is no page of a file as that is."""
        fields = {line.split()[0]: int(line.split()[1]) / 1024
                  for line in pathlib.Path("/proc/%d/smaps_rollup" % self.pid).read_text().splitlines()[1:]}
        return fields["Pss:"], fields["Anonymous:"]

    def end(self):
        self.unshare.kill()
        self.unshare.wait()
        self.shm.close()


def memory(arguments, place):
    """Of one without, one with, and one that is asked; in MiB."""
    lives = [Life(arguments, place / name, port) for name, port in (("plain", 0), ("idle", PORT), ("asked", PORT + 1))]
    try:
        time.sleep(6)
        client = Client(PORT + 1)
        for i in range(arguments.requests):
            client.get(PATHS[i % len(PATHS)])
        at_once = lives[2].mebibytes()
        # an open connection costs nothing worth a word; what is given back is after 20 s of quiet
        time.sleep(arguments.quiet)
        plain, idle, asked = (life.mebibytes() for life in lives)
        return {"without --http": plain, "with it, never asked": idle,
                "after %d requests, at once" % arguments.requests: at_once,
                "after these and %d s of quiet" % arguments.quiet: asked}
    finally:
        for life in lives:
            life.end()


class Load:
    """A process that asks for /readyz at a rate while it is told to."""

    def __init__(self, port, rate):
        self.process = subprocess.Popen([sys.executable, __file__, "--load", str(port), str(rate)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        before_others(self.process.pid)

    def run(self, seconds):
        self.process.stdin.write("%g\n" % seconds)
        self.process.stdin.flush()

    def times(self):
        return [float(word) for word in self.process.stdout.readline().split()]

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def load(port, rate):
    """For so many seconds a line of standard input; prints the milliseconds of each request."""
    client = Client(port)
    for line in sys.stdin:
        begin, times = time.monotonic(), []
        for i in range(int(float(line) * rate)):
            time.sleep(max(0, begin + i / rate - time.monotonic()))
            times.append(client.get(b"/readyz"))
        print(" ".join("%.4f" % one for one in times), flush=True)


def signals(arguments, life):
    """Microseconds from kill(2) to the daemon's handler, of a block."""
    out = subprocess.run([str(arguments.build / "sigbench"), life.shm.path, str(arguments.signals), "2000", "kill",
                          str(life.pid), "10"], stdout=subprocess.PIPE, text=True, check=True).stdout
    times = [int(word) / 1e3 for word in out.split()]
    assert len(times) == arguments.signals and min(times) > 0, out
    return times


def latency(arguments, place):
    life = Life(arguments, place / "asked", PORT)
    asked = Load(PORT, arguments.rate)
    try:
        time.sleep(2)
        before_others(life.pid, life.main(), os.getpid())
        span = arguments.signals * 0.0025
        asked.run(3), asked.times(), signals(arguments, life)  # what is compiled is, from here on
        ready, alone, beside = [], [], []
        for _ in range(arguments.pairs):
            alone += signals(arguments, life)
            asked.run(span + 1)
            time.sleep(0.2)
            beside += signals(arguments, life)
            ready += asked.times()
        client = Client(PORT)
        scrapes = []
        for _ in range(arguments.scrapes):
            time.sleep(0.3)  # each finds numbers that are too old
            scrapes.append(client.get(b"/metrics"))
        return ready, scrapes, alone, beside
    finally:
        asked.end()
        life.end()


def percentile(times, share):
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def row(what, times, unit):
    return "| %s | %d | %.3f %s | %.3f %s |\n" % (what, len(times), statistics.median(times), unit, percentile(times, 0.99), unit)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=pathlib.Path, default=HERE.parent / "target/soleinit")
    parser.add_argument("--build", type=pathlib.Path, default=HERE / ".build", help=argparse.SUPPRESS)
    parser.add_argument("--requests", type=int, default=7_000, help="before memory is read (default: %(default)s)")
    parser.add_argument("--quiet", type=int, default=26, help="seconds after them (default: %(default)s)")
    parser.add_argument("--rate", type=int, default=1_000, help="of /readyz, a second (default: %(default)s)")
    parser.add_argument("--signals", type=int, default=200, help="a block (default: %(default)s)")
    parser.add_argument("--pairs", type=int, default=10, help="of blocks without and with load (default: %(default)s)")
    parser.add_argument("--scrapes", type=int, default=50, help="(default: %(default)s)")
    parser.add_argument("--dry", action="store_true", help="print the table and write nothing")
    parser.add_argument("--load", nargs=2, type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.load:
        return load(*arguments.load)
    busy = os.getloadavg()[0]
    place = pathlib.Path(tempfile.mkdtemp(prefix="http"))
    try:
        ready, scrapes, alone, beside = latency(arguments, place / "latency")
        taken = memory(arguments, place / "memory")
    finally:
        shutil.rmtree(place, ignore_errors=True)
    over = 100 * (statistics.median(beside) / statistics.median(alone) - 1)
    plain = taken["without --http"][0]
    table = ("| | of | median | 99 % |\n|---|---:|---:|---:|\n" + row("`/readyz` at %d requests/s" % arguments.rate, ready, "ms")
             + row("a scrape of `/metrics`", scrapes, "ms") + row("a signal to the daemon", alone, "µs")
             + row("the same beside that load of `/readyz` (%+.0f %%)" % over, beside, "µs")
             + "\n| memory of PID 1, MiB | PSS | over the first | written |\n|---|---:|---:|---:|\n"
             + "".join("| %s | %.1f | %+.1f | %.1f |\n" % (name, pss, pss - plain, dirty) for name, (pss, dirty) in taken.items())
             + "\nOn %d processors with a load of %.0f before it began.\n" % (os.cpu_count(), busy))
    print(table)
    if not arguments.dry:
        (HERE / "results/http.md").write_text(table)
        subprocess.run([str(HERE / "put"), "http", str(HERE / "results/http.md"), str(HERE.parent / "docs/benchmarks.md")],
                       check=True)
    passed = [what for what, limit in (("/readyz", statistics.median(ready) > 5), ("a scrape", statistics.median(scrapes) > 10),
                                       ("signals", over > 10),
                                       ("memory", list(taken.values())[-1][0] - plain > 3)) if limit]
    if passed:
        sys.exit("bench/http: over the limit: " + ", ".join(passed))


if __name__ == "__main__":
    main()
