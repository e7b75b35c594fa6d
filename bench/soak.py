#!/usr/bin/env python3
"""Measures what PID 1 keeps of 10,000 restarts, 100,000 calls and 1,000,000 pieces of work.

    bench/soak [--quick] [--home target/soleinit] [--restarts N] [--calls N] [--work N] [--out DIR]
               [--allowed-kb 1024] [--allowed-pause-ms 5] [--leak]

Each in a PID namespace of its own. A quarter of the load makes it warm, for the heap, never smaller than 4 MB,
has used all of that only after more than 1,000 restarts; after a spell of quiet descriptors, threads and PSS
are taken, after the rest of the load again. Meanwhile USR1 goes through PID 1 to its daemon
200 times a second, but for the restarts, between which there is no daemon for some of the time: there in
between. Exits 1 if anything has grown, a signal was lost, or garbage was collected for too long.
Everything that is started is ended by its exact id.
"""
import argparse, json, os, pathlib, platform, shutil, socket, sys, tempfile, time

import plot
from pid1 import ask
from soaked import Signals, Supervisor, quantiles

HERE = pathlib.Path(__file__).resolve().parent
WARM, SLICES = 5, 20
NOTES = "exec CHILD PLACE/shm idle"
RESTARTS = ["sh", "-c", "if [ -e PLACE/go ]; then exit 75; fi; " + NOTES]
WORK = ["sh", "-c", 'python3 -c "$1" "$2" & ' + NOTES, "sh", """
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
""", "PLACE/orders"]
FAST = ["--backoff-initial", "0", "--backoff-max", "0", "--healthy-after", "0", "--restart-cooldown", "0"]


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
    supervisor.wait(lambda: supervisor.status()["state"] == "ready" and supervisor.main())
    supervisor.favour()
    with Signals(supervisor) as signals:
        time.sleep(5)
    return signals


def calls(supervisor, begin, end):
    """Half over one connection, half over one each; every tenth reads the journal."""
    link, lines = supervisor.connect()
    with Signals(supervisor) as signals, link, lines:
        for call in range(begin, end):
            method, params = ("events.subscribe", {"follow": False}) if call % 10 == 5 else ("status", {})
            if call % 2 == 0:
                ask(link, lines, "status")
            else:
                other, answers = supervisor.connect()
                with other, answers:
                    ask(other, answers, method, **params)
    return signals


def work(supervisor, begin, end):
    """Each piece begun and ended by the attached daemon."""
    with Signals(supervisor) as signals, socket.socket(socket.AF_UNIX) as orders:
        orders.connect(str(supervisor.place / "orders"))
        orders.sendall(b"%d %d" % (begin, end))
        if orders.recv(10) != b"done":
            raise SystemExit("soak.py: the daemon has gone")
        supervisor.wait(lambda: not supervisor.status().get("work", {}).get("active"))
    return signals


LOADS = {"restarts": (restarts, FAST, RESTARTS), "calls": (calls, [], ["CHILD", "PLACE/shm", "idle"]),
         "work": (work, ["--ready", "attach"], WORK)}


def soak(arguments, name, count):
    """The series of one load, and its figures fresh, warm and after."""
    load, options, command = LOADS[name]
    place = pathlib.Path(tempfile.mkdtemp(prefix="soak"))
    supervisor = Supervisor(arguments.home, place, arguments.build, options, command)
    leaked = []
    try:
        supervisor.favour()
        figures = {"fresh": supervisor.quiet()}
        series, micros, lost = [], [], 0
        for part in range(SLICES):
            signals = load(supervisor, count * part // SLICES, count * (part + 1) // SLICES)
            series.append(dict(supervisor.sample(), done=count * (part + 1) // SLICES, signals=signals.figures()))
            micros += signals.micros
            lost += signals.lost
            print("%s %s" % (name, series[-1]), file=sys.stderr, flush=True)
            if part + 1 == WARM:
                figures["warm"] = supervisor.quiet()
                leaked += leak(supervisor) if arguments.leak else []
        figures["after"] = supervisor.quiet()
        pauses = supervisor.pauses()
        signals = dict(quantiles(micros), lost=lost)
    finally:
        for link, lines in leaked:
            link.close()
        supervisor.end()
        shutil.rmtree(place, ignore_errors=True)
    return {"count": count, "series": series, "figures": figures, "signals": signals,
            "pauses": {what: quantiles(some) for what, some in pauses.items()}}


def leak(supervisor):
    """The control: growth as a lost connection would be."""
    found = [supervisor.connect() for _ in range(4)]
    for link, _ in found:
        link.sendall(b"x" * 900_000)
    return found


def judge(arguments, soaked):
    """Each limit as a row: load, what, warm, after, growth or value, limit, whether it holds."""
    for name, one in soaked.items():
        warm, after = one["figures"]["warm"], one["figures"]["after"]
        for what, limit in ("descriptors", 0), ("threads", 0), ("pss", arguments.allowed_kb):
            grown = after[what] - warm[what]
            yield (name, what if what != "pss" else "PSS kB", warm[what], after[what], "%+d" % grown,
                   "+%d" % limit, grown <= limit)
        pause = one["pauses"]["collections"].get("max", 0)
        yield (name, "longest collection ms", "", "%.2f" % pause, "", arguments.allowed_pause_ms,
               pause <= arguments.allowed_pause_ms)
        yield name, "signals lost of %d" % one["signals"]["n"], "", one["signals"]["lost"], "", 0, \
            one["signals"]["lost"] == 0 and one["signals"]["n"] > 0


def report(rows, soaked):
    lines = ["| load | what | warm | after | growth | limit | |", "|---|---|---:|---:|---:|---:|---|"]
    lines += ["| %s | %s | %s | %s | %s | %s | %s |" % (*row[:6], "holds" if row[6] else "**exceeded**")
              for row in rows]
    lines += ["", "| load | signals | p50 µs | p99 µs | p99.9 µs | longest µs | collections | p50 ms | p99 ms | "
              "longest ms |", "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"]
    for name, one in soaked.items():
        signals, pauses = one["signals"], one["pauses"]["collections"]
        lines.append("| %s %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |" % (
            format(one["count"], ","), name, format(signals["n"], ","),
            *("%.0f" % signals.get(at, 0) for at in ("p50", "p99", "p99.9", "max")), pauses["n"],
            *("%.2f" % pauses.get(at, 0) for at in ("p50", "p99", "max"))))
    lines += ["", "| load | when | descriptors | threads | PSS kB | anonymous kB | of it heap kB |",
              "|---|---|---:|---:|---:|---:|---:|"]
    for name, one in soaked.items():
        lines += ["| %s | %s | %d | %d | %d | %d | %d |" % (name, when, some["descriptors"], some["threads"],
                  some["pss"], some["anonymous"], some["heap"]) for when, some in one["figures"].items()]
    return "\n".join(lines) + "\n"


def options():
    parser = argparse.ArgumentParser(prog="bench/soak", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=pathlib.Path, default=HERE.parent / "target/soleinit")
    parser.add_argument("--build", type=pathlib.Path, default=HERE / ".build", help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="a fifth of it; written beside the helpers")
    for name, count in ("restarts", 10_000), ("calls", 100_000), ("work", 1_000_000):
        parser.add_argument("--" + name, type=int, help="default: %d; 0 leaves it out" % count)
        parser.set_defaults(**{"full_" + name: count})
    parser.add_argument("--allowed-kb", type=int, default=1024)
    parser.add_argument("--allowed-pause-ms", type=float, default=5)
    parser.add_argument("--out", type=pathlib.Path, help="folder of soak.md, soak.json and soak.svg")
    parser.add_argument("--leak", action="store_true", help="the control: four connections and what they have sent"
                        " stay after it is warm; that has to be found")
    return parser.parse_args()


def main():
    arguments = options()
    soaked, loads = {}, [os.getloadavg()[0] / os.cpu_count()]
    for name in LOADS:
        given, full = getattr(arguments, name), getattr(arguments, "full_" + name)
        count = given if given is not None else full // 5 if arguments.quick else full
        if count:
            soaked[name] = soak(arguments, name, count)
            loads.append(os.getloadavg()[0] / os.cpu_count())
    rows = list(judge(arguments, soaked))
    text = report(rows, soaked)
    whole = all(soaked.get(name, {}).get("count") == getattr(arguments, "full_" + name) for name in LOADS)
    out = arguments.out or (HERE / "results" if whole and not arguments.leak else arguments.build)
    out.mkdir(parents=True, exist_ok=True)
    (out / "soak.md").write_text("# Soak\n\nBy `bench/soak`, Linux %s, %d CPUs, with a load of %.1f to %.1f for "
                                 "each of them; what its README says.\n\n%s" % (
                                     platform.release(), os.cpu_count(), min(loads), max(loads), text))
    (out / "soak.json").write_text(json.dumps(soaked, indent=1) + "\n")
    (out / "soak.svg").write_text(plot.soak(soaked))
    print(text)
    print("soak: %d of %d limits exceeded; written to %s" % (
        sum(not row[6] for row in rows), len(rows), out), flush=True)
    sys.exit(0 if rows and all(row[6] for row in rows) else 1)


if __name__ == "__main__":
    main()
