#!/usr/bin/env python3
"""Overlapping restarts under load, against a quiet run of the same daemon and against ordinary restarts.

Prints a table: connections, refused, reset, answered with 503, other failures, and how long the longest took. Exits 1 if a
promise does not hold: of an overlap nobody is refused or reset, and a successor that does not come up changes nothing."""
import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
HOME = pathlib.Path(os.environ.get("SOLEINIT_HOME", HERE / "../target/soleinit")).resolve()
NODE = (HERE / "../examples/jetty/target/node/bin/node").resolve()
ARRIVALS = pathlib.Path(os.environ.get("BENCH_BUILD", HERE / ".build")) / "arrivals"
SLOW = """
import http.server, os, socket, socketserver, time
if os.path.exists(os.environ["DAEMON_STATE_DIR"] + "/broken"):
    raise SystemExit("a bad configuration")
time.sleep(%s)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200), self.end_headers(), self.wfile.write(b"ok")
    def log_message(self, *_): pass
import signal, threading
class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads, block_on_close = False, True
server = Server(("", 0), Handler, bind_and_activate=False)
server.socket.close()
server.socket = socket.socket(fileno=3)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
    notify.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
server.serve_forever(0.01)
server.socket.close()
server.server_close()
"""
failures = []


class Node:
    """A PID 1 in a namespace of its own, and its daemon."""

    def __init__(self, port, ready, command):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="bench-overlap-"))
        self.log = open(self.directory / "log", "wb")
        self.environment = {**os.environ, "DAEMON_RUN_DIR": str(self.directory / "run"),
                            "DAEMON_STATE_DIR": str(self.directory / "state")}
        self.process = subprocess.Popen(
            ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", str(HOME / "bin/entrypoint"), "--ready", ready,
             "--listen", f"tcp:127.0.0.1:{port}", "--", *command],
            env=self.environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.daemon("wait", "--ready", "--timeout", "60s", tries=100)

    def daemon(self, *words, tries=1):
        """Runs the command; its exit code and output."""
        for _ in range(tries):
            done = subprocess.run([HOME / "bin/daemon", *words], env=self.environment, capture_output=True, text=True)
            if done.returncode != 69:
                break
            time.sleep(0.1)
        return done.returncode, done.stdout + done.stderr

    def status(self):
        return json.loads(self.daemon("status", "--json")[1])

    def close(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.directory)


class Load:
    def __init__(self, port, rate, threads, *session):
        self.process = subprocess.Popen([ARRIVALS, str(port), str(threads), str(rate), "3600", *map(str, session)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def end(self):
        return json.loads(self.process.communicate()[0])


def row(name, got, good=None):
    print(f"| {name} | {got['ok']:,} | {got['refused']} | {got['reset']} | {got['busy']} | {got['other']} | "
          f"{got['p50Ms']:.2f} | {got['p999Ms']:.1f} | {got['longestMs']:.1f} |", flush=True)
    bad = got["refused"] + got["reset"] + got["other"]
    if good is not None and (bad or not good):
        failures.append(f"{name}: {got}")


def restarts(node, times, *options, fails=False):
    """So many restarts; whether each ended as it should, and how long they took in all."""
    held, before = True, node.status()
    for _ in range(times):
        code, said = node.daemon("restart", *options)
        if (code != 0) != fails:
            print(f"  a restart ended with {code}: {said.strip()}", file=sys.stderr)
            held = False
    after = node.status()
    return held and after["state"] == "ready" and (after["pid"] == before["pid"]) == fails


def connections(name, node, port, arguments, count, seconds):
    for what, options, fails, times in (("quiet", None, False, 0), ("overlapping restarts", ["--overlap"], False, count),
                                        ("successors that do not come up", ["--overlap"], True, count),
                                        ("ordinary restarts", [], False, min(count, 3))):
        load = Load(port, arguments.rate, arguments.threads)
        broken = node.directory / "state/broken"
        if fails:
            broken.write_text("")
        time.sleep(1)
        good = True
        if options is None:
            time.sleep(seconds)
        else:
            words = ["--", *node.bad] if fails and node.bad else []
            good = restarts(node, times, *options, *words, fails=fails)
        broken.unlink(missing_ok=True)
        time.sleep(1)
        # an ordinary restart is the control: who connects waits for the whole start
        row(f"{name}, {f'{times} ' if times else ''}{what}", load.end(), good if what != "ordinary restarts" else None)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="20 restarts of each kind, 50 with sessions")
    parser.add_argument("--rate", type=int, default=2000, help="connections a second (%(default)s)")
    parser.add_argument("--threads", type=int, default=64, help="of the load (%(default)s)")
    parser.add_argument("--port", type=int, default=28080)
    parser.add_argument("--slow", type=float, default=8, help="seconds that the slow server takes to start")
    parser.add_argument("--only", choices=["reference", "slow", "sessions"])
    arguments = parser.parse_args()
    count, seconds = (20, 20) if arguments.full else (5, 8)
    port = arguments.port
    print("| | answered | refused | reset | 503 | other | p50 ms | p99.9 ms | longest ms |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    if arguments.only in (None, "reference"):
        node = Node(port, "attach", [str(NODE), "--config", "/nonexistent", "--host", "127.0.0.1", "--port", str(port)])
        node.bad = ["--port", "nonsense"]
        try:
            connections("reference daemon", node, port, arguments, count, seconds)
        finally:
            node.close()
    if arguments.only in (None, "slow"):
        node = Node(port, "notify", ["python3", "-c", SLOW % arguments.slow])
        node.bad = []
        arguments.rate = min(arguments.rate, 300)       # more than that a server in Python does not take
        try:
            connections(f"{arguments.slow:g} s to start ({arguments.rate}/s)", node, port, arguments,
                        count if arguments.full else 2, seconds)
        finally:
            node.close()
    if arguments.only in (None, "sessions"):
        node = Node(port, "attach", [str(NODE), "--config", "/nonexistent", "--host", "127.0.0.1", "--port", str(port)])
        try:
            times = 50 if arguments.full else 10
            load = Load(port, 100, 100, 900)            # a hundred at any time
            time.sleep(2)
            good = restarts(node, times, "--overlap", "--timeout", "30s")
            time.sleep(1)
            row(f"100 sessions in flight, {times} overlapping restarts", load.end(), good)
        finally:
            node.close()
    for one in failures:
        print("does not hold:", one, file=sys.stderr)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
