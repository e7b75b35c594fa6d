#!/usr/bin/env python3
"""Measures restarts that know what the daemon works on; see bench/README.md.

    bench/work.py [--distribution target/soleinit] [--rounds 20]

Prints a table of medians (minimum to maximum). Everything runs on loopback, as a subreaper, in a folder
of its own, and is ended by its exact id.
"""
import argparse, concurrent.futures, json, os, pathlib, shutil, signal, socket, statistics, subprocess, tempfile, time

HERE = pathlib.Path(__file__).resolve().parent
FLOOD = """
import json, os, socket, time
s = socket.socket(socket.AF_UNIX); s.connect(os.environ["DAEMON_RUN_DIR"] + "/control.sock")
def send(**m): s.sendall((json.dumps({"jsonrpc": "2.0", **m}) + "\\n").encode())
send(method="attach", params={"token": os.environ["DAEMON_TOKEN"], "generation": int(os.environ["DAEMON_GENERATION"])})
for i in range(10000): send(method="work.begin", params={"id": "i%d" % i, "kind": "session", "description": "x" * 60})
send(method="ready", params={}); time.sleep(1000)
"""


HANGS = """
import os, signal, socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.connect(os.environ["NOTIFY_SOCKET"])
last = time.monotonic(); interval = int(os.environ["WATCHDOG_USEC"]) / 1e6
def stop(*_):
    with open(sys.argv[1], "a") as out: print((time.monotonic() - last - interval) * 1000, file=out)
    os._exit(0)
signal.signal(signal.SIGTERM, stop)
s.send(b"READY=1"); time.sleep(0.05); last = time.monotonic(); s.send(b"WATCHDOG=1")
while True: time.sleep(60)
"""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Supervisor:
    def __init__(self, home, words, place, options=()):
        self.place = place
        self.process = subprocess.Popen(
            [home / "bin/entrypoint", "--run-dir", place / "run", "--state-dir", place / "state",
             "--log-level", "error", "--ready", "attach", *options, "--", *words])
        self.wait_ready()

    def ask(self, method, **params):
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(str(self.place / "run/control.sock"))
            link.sendall((json.dumps({"jsonrpc": "2.0", "id": 1, "method": method,
                                      "params": {"door": "cli", **params}}) + "\n").encode())
            return json.loads(link.makefile().readline())["result"]

    def timed(self, method, **params):
        begin = time.perf_counter()
        answer = self.ask(method, **params)
        return (time.perf_counter() - begin) * 1000, answer

    def wait_ready(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                self.ask("wait", timeout=60)
                return
            except (OSError, ValueError):
                time.sleep(0.01)
        raise SystemExit("the daemon does not become ready")

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        for folder in "run", "state":
            shutil.rmtree(self.place / folder)


NODE = HERE.parent / "examples/jetty/target/node/bin/node"


def bare_start(config, port):
    """From exec to the first 200 of /health/ready, without a supervisor."""
    begin = time.perf_counter()
    process = subprocess.Popen([NODE, "--config", config], cwd=config.parent)
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port)) as link:
                link.sendall(b"GET /health/ready HTTP/1.0\r\n\r\n")
                if b" 200 " in link.recv(100):
                    break
        except OSError:
            time.sleep(0.001)
    took = (time.perf_counter() - begin) * 1000
    process.send_signal(signal.SIGTERM)
    process.wait()
    return took


def short_connection(port):
    """Milliseconds from connect to the whole answer."""
    begin = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=30) as link:
        link.sendall(b"GET / HTTP/1.0\r\n\r\n")
        answer = b""
        while part := link.recv(4096):
            answer += part
    assert b" 200 " in answer, answer
    return (time.perf_counter() - begin) * 1000


def longest_connection(node, port):
    """The longest of many short connections, a new one each 10 ms, around a restart."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=200) as clients:
        restart = clients.submit(node.timed, "restart.request")
        connections = []
        while not restart.done():
            connections.append(clients.submit(short_connection, port))
            time.sleep(0.01)
        assert restart.result()[1]["outcome"]["restartStatus"] == "complete"
        return max(one.result() for one in connections)


def row(name, values, unit="ms"):
    print(f"| {name} | {statistics.median(values):.1f} {unit} | {min(values):.1f} to {max(values):.1f} |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--distribution", default=HERE.parent / "target/soleinit", type=pathlib.Path)
    parser.add_argument("--rounds", default=20, type=int)
    options = parser.parse_args()
    home = options.distribution.resolve()
    place = pathlib.Path(tempfile.mkdtemp())
    port = free_port()
    config = place / "node.json"
    config.write_text(json.dumps({"host": "127.0.0.1", "port": port}))
    print("| | median | range |\n|---|---:|---:|")
    try:
        bare = [bare_start(config, port) for _ in range(options.rounds)]
        row("reference daemon, bare start to ready", bare)
        node = Supervisor(home, [NODE, "--config", config], place)
        for name, method, params in [("restart, request to ready", "restart.request", {}),
                                     ("restart --safe, request to ready", "restart.request", {"safe": True}),
                                     ("reload, request to ready", "reload", {})]:
            values = []
            for _ in range(options.rounds):
                took, answer = node.timed(method, **params)
                assert answer["outcome"]["restartStatus"] == "complete", answer
                values.append(took)
            row(name, values)
            print(f"| - ratio to the bare start | {statistics.median(values) / statistics.median(bare):.2f} | |")
        node.end()
        kept = Supervisor(home, [NODE, "--config", config], place,
                          ["--listen", f"tcp:127.0.0.1:{port}"])
        values = [longest_connection(kept, port) for _ in range(options.rounds)]
        row("longest connection around a restart, socket kept", values)
        print(f"| - ratio to the bare start | {statistics.median(values) / statistics.median(bare):.2f} | |")
        kept.end()
        missed = place / "missed"
        missed.touch()
        frozen = Supervisor(home, ["python3", "-c", HANGS, missed], place,
                            ["--ready", "notify", "--watchdog", "300ms", "--backoff-max", "10ms"])
        while len(values := missed.read_text().split()) < options.rounds:
            time.sleep(0.1)
        row("missed watchdog to stop signal, beyond the interval", [float(one) for one in values])
        frozen.end()
        flood = Supervisor(home, ["python3", "-c", FLOOD], place)
        values = []
        for _ in range(options.rounds * 10):
            took, answer = flood.timed("restart.preflight")
            assert answer["counts"]["totalActive"] == 10000, answer["counts"]
            values.append(took)
        row("preflight with 10,000 pieces of work", values)
        flood.end()
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()
