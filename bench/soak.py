#!/usr/bin/env python3
"""Measures what PID 1 keeps of 10,000 restarts, 100,000 calls and 1,000,000 pieces of work.

    bench/soak.py [--home target/soleinit] [--restarts N] [--calls N] [--work N] [--warm 0.1]
                  [--allowed-kb 1024]

Each in a PID namespace of its own. A tenth of the load makes it warm; after a spell of quiet descriptors,
threads and PSS are taken, after the rest of the load again. Exits 1 if PSS has grown by more than is
allowed, or anything else at all. Everything that is started is ended by its exact id.
"""
import argparse, json, os, pathlib, shutil, signal, socket, subprocess, sys, tempfile, time

QUIET_S = 5.0
RESTARTS = 'if [ -e "$1" ]; then exit 75; fi; exec sleep 1000000'
WORK = """
import json, os, socket, sys
link = socket.socket(socket.AF_UNIX); link.connect(os.environ["DAEMON_RUN_DIR"] + "/control.sock")
def line(**message): return (json.dumps({"jsonrpc": "2.0", **message}) + "\\n").encode()
link.sendall(line(method="attach", params={"token": os.environ["DAEMON_TOKEN"],
                                           "generation": int(os.environ["DAEMON_GENERATION"])}))
link.sendall(line(method="ready", params={}))
orders = socket.socket(socket.AF_UNIX); orders.bind(sys.argv[1]); orders.listen()
while True:
    peer, _ = orders.accept()
    begin, end = (int(word) for word in peer.recv(100).split())
    for first in range(begin, end, 500):
        some = range(first, min(first + 500, end))
        link.sendall(b"".join(line(method="work.begin", params={"id": "i%d" % i, "kind": "session",
            "description": "d" * 40, "checkpoint": "c" * 100}) for i in some))
        link.sendall(b"".join(line(method="work.end", params={"id": "i%d" % i}) for i in some))
    peer.sendall(b"done"); peer.close()
"""


class Supervisor:
    """A PID 1 in a namespace of its own."""

    def __init__(self, home, place, options, command):
        self.place = place
        self.unshare = subprocess.Popen(
            ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", str(home / "bin/entrypoint"),
             "--run-dir", str(place / "run"), "--state-dir", str(place / "state"), "--log-level", "error",
             *options, "--", *command], stdin=subprocess.DEVNULL)
        self.pid = self.wait(self.child)
        self.wait(lambda: (place / "run/control.sock").exists())
        self.wait(lambda: self.status()["state"] in ("ready", "starting", "backing-off"))

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

    def connect(self):
        link = socket.socket(socket.AF_UNIX)
        link.connect(str(self.place / "run/control.sock"))
        return link, link.makefile("rb")

    def status(self):
        link, lines = self.connect()
        with link, lines:
            return ask(link, lines, "status")

    def figures(self):
        """After a spell of quiet."""
        time.sleep(QUIET_S)
        proc = pathlib.Path("/proc/%d" % self.pid)
        rollup = dict(line.split(":", 1) for line in (proc / "smaps_rollup").read_text().splitlines()[1:])
        heap, below = 0, False
        for line in (proc / "smaps").read_text().splitlines():
            if not line[0].isupper():
                below = int(line.split("-")[0], 16) < 1 << 32
            elif below and line.startswith("Anonymous:"):
                heap += int(line.split()[1])
        return {"heap": heap, "descriptors": len(list((proc / "fd").iterdir())),
                "threads": len(list((proc / "task").iterdir())),
                "pss": int(rollup["Pss"].split()[0]), "anonymous": int(rollup["Pss_Anon"].split()[0])}

    def end(self):
        os.kill(self.pid, signal.SIGTERM)
        try:
            self.unshare.wait(20)
        except subprocess.TimeoutExpired:
            self.unshare.kill()
            self.unshare.wait()


def ask(link, lines, method, **params):
    link.sendall((json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}) + "\n").encode())
    return json.loads(lines.readline())["result"]


def restarts(supervisor, begin, end):
    """A daemon that says 75 at once for as long as there is a file."""
    go = supervisor.place / "go"
    target = supervisor.status()["generation"] + end - begin
    go.touch()
    link, lines = supervisor.connect()
    with link, lines:
        ask(link, lines, "signal", signal="KILL")
    supervisor.wait(lambda: supervisor.status()["generation"] >= target, 3600)
    go.unlink()
    supervisor.wait(lambda: supervisor.status()["state"] == "ready")


def calls(supervisor, begin, end):
    """Half over one connection, half over one each; every tenth reads the journal."""
    link, lines = supervisor.connect()
    with link, lines:
        for call in range(begin, end):
            method, params = ("events.subscribe", {"follow": False}) if call % 10 == 5 else ("status", {})
            if call % 2 == 0:
                ask(link, lines, "status")
            else:
                other, answers = supervisor.connect()
                with other, answers:
                    ask(other, answers, method, **params)


def work(supervisor, begin, end):
    """Each piece begun and ended by the attached daemon."""
    with socket.socket(socket.AF_UNIX) as orders:
        orders.connect(str(supervisor.place / "orders"))
        orders.sendall(b"%d %d" % (begin, end))
        if orders.recv(10) != b"done":
            raise SystemExit("soak.py: the daemon has gone")
    supervisor.wait(lambda: not supervisor.status().get("work", {}).get("active"))


FAST = ["--backoff-initial", "0", "--backoff-max", "0", "--healthy-after", "0", "--restart-cooldown", "0"]


def soak(arguments, name, load, count, options, command):
    place = pathlib.Path(tempfile.mkdtemp(prefix="soak"))
    supervisor = Supervisor(arguments.home, place, options,
                            [word.replace("PLACE", str(place)) for word in command])
    try:
        fresh = supervisor.figures()
        middle = int(count * arguments.warm)
        load(supervisor, 0, middle)
        warm = supervisor.figures()
        begin = time.monotonic()
        load(supervisor, middle, count)
        took = time.monotonic() - begin
        after = supervisor.figures()
    finally:
        supervisor.end()
        shutil.rmtree(place, ignore_errors=True)
    for when, figures in ("fresh", fresh), ("warm", warm), ("after", after):
        print("| %s | %s | %d | %d | %d | %d | %d |" % ("%d %s" % (count, name) if when == "fresh" else "", when,
              figures["descriptors"], figures["threads"], figures["pss"], figures["anonymous"], figures["heap"]), flush=True)
    print("%d %s in %.1f s" % (count - middle, name, took), file=sys.stderr)
    grown = [what for what in ("descriptors", "threads") if after[what] > warm[what]]
    if after["pss"] - warm["pss"] > arguments.allowed_kb:
        grown.append("PSS by %d kB" % (after["pss"] - warm["pss"]))
    return ["%s: %s grew" % (name, what) for what in grown]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--home", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent / "target/soleinit")
    parser.add_argument("--restarts", type=int, default=10_000)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--work", type=int, default=1_000_000)
    parser.add_argument("--warm", type=float, default=0.1)
    parser.add_argument("--allowed-kb", type=int, default=1024)
    arguments = parser.parse_args()
    print("| load | when | descriptors | threads | PSS kB | anonymous kB | of it heap kB |\n|---|---|---:|---:|---:|---:|---:|")
    grown = []
    if arguments.restarts:
        grown += soak(arguments, "restarts", restarts, arguments.restarts, FAST,
                      ["sh", "-c", RESTARTS, "sh", "PLACE/go"])
    if arguments.calls:
        grown += soak(arguments, "calls", calls, arguments.calls, [], ["sleep", "1000000"])
    if arguments.work:
        grown += soak(arguments, "pieces of work", work, arguments.work, ["--ready", "attach"],
                      ["python3", "-c", WORK, "PLACE/orders"])
    for line in grown:
        print(line, file=sys.stderr)
    sys.exit(1 if grown else 0)


if __name__ == "__main__":
    main()
