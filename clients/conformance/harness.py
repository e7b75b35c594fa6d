"""What the scenarios are made of: a supervisor's side of the protocol, and a daemon under test."""
import contextlib
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

PATIENCE = 10.0
SCENARIOS = {}


def scenario(function):
    SCENARIOS[function.__name__.replace("_", "-")] = function
    return function


class Failed(Exception):
    pass


class Unsupported(Exception):
    pass


def check(holds, what):
    if not holds:
        raise Failed(what)


class Reader:
    """Lines of a stream, as they come; None at its end."""

    def __init__(self, stream, parse):
        self.lines = queue.Queue()
        threading.Thread(target=self.read, args=(stream, parse), daemon=True).start()

    def read(self, stream, parse):
        with contextlib.suppress(OSError, ValueError):
            for line in stream:
                self.lines.put(parse(line))
        self.lines.put(None)

    def next(self, patience=PATIENCE):
        try:
            return self.lines.get(timeout=patience)
        except queue.Empty:
            return "silence"


class Link:
    """One connection of the daemon's."""

    def __init__(self, sock):
        self.sock = sock
        self.reader = Reader(sock.makefile("rb"), json.loads)
        self.last_id = 100
        self.candidates, self.confirmed = [], []

    def take(self, patience=PATIENCE, before=()):
        """
        The next word, the first of those that came before an answer if there is one; interrupted work is handed
        over beside it, whenever it is asked for.
        """
        if before:
            return before[0]
        until = time.monotonic() + patience
        while True:
            got = self.reader.next(max(0, until - time.monotonic()))
            method = got.get("method") if isinstance(got, dict) else ""
            if method == "resume.claim":
                result = {"candidate": self.candidates.pop(0) if self.candidates else None}
            elif method == "resume.confirm":
                self.confirmed.append(got["params"]["id"])
                result = {"known": True}
            else:
                return got
            with contextlib.suppress(OSError):      # it may have ended meanwhile
                self.send(id=got["id"], result=result)

    def next(self, *methods, patience=PATIENCE, before=()):
        """The next word, which is to be one of these."""
        got = self.take(patience, before)
        check(isinstance(got, dict) and got.get("method") in methods,
              f"expected {' or '.join(methods)} from the daemon, got {got}")
        return got

    def quiet(self, seconds):
        got = self.take(seconds)
        check(got == "silence", f"expected nothing from the daemon, got {got}")

    def send(self, **message):
        self.sock.sendall(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")

    def order(self, method, **params):
        """Tells the daemon, and waits for its answer; returns it, and what the daemon said before it."""
        self.last_id += 1
        self.send(id=self.last_id, method=method, params=params)
        before = []
        while True:
            got = self.take()
            check(isinstance(got, dict), f"no answer to {method}: {got}")
            if got.get("id") == self.last_id and "method" not in got:
                return got, before
            before.append(got)

    def close(self):
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()


class World:
    """A run directory with a control socket, and daemons in it."""

    def __init__(self, command):
        self.command, self.links, self.daemons = command, [], []
        self.directory, self.work = tempfile.mkdtemp(prefix="conformance"), tempfile.mkdtemp(prefix="conformance")
        os.chmod(self.work, 0o777)
        os.chmod(self.directory, 0o755)
        self.generation, self.token = 7, "the token"
        self.listener = None

    def listen(self):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        os.chmod(self.path, 0o666)
        self.listener.listen()
        self.listener.settimeout(PATIENCE)

    @property
    def path(self):
        return os.path.join(self.directory, "control.sock")

    def start(self, *arguments, supervised=True, prefix=(), user=None, **variables):
        given = {name: value for name, value in os.environ.items() if not name.startswith(("DAEMON_", "LISTEN_"))}
        if supervised:
            given.update(DAEMON_RUN_DIR=self.directory, DAEMON_TOKEN=self.token, DAEMON_SUPERVISOR="1",
                         DAEMON_GENERATION=str(self.generation), DAEMON_STATE_DIR=self.directory,
                         DAEMON_DRAIN_TIMEOUT="3000ms")
        daemon = Daemon([*prefix, *self.command, *arguments], {**given, **variables}, user, self.work)
        self.daemons.append(daemon)
        return daemon

    def accept(self, patience=PATIENCE):
        self.listener.settimeout(patience)
        try:
            link = Link(self.listener.accept()[0])
        except socket.timeout:
            raise Failed("the daemon does not connect") from None
        self.links.append(link)
        return link

    def attached(self, patience=PATIENCE, **answer):
        """The daemon's next connection, taken."""
        link = self.accept(patience)
        word = link.next("attach")
        link.send(id=word["id"], result={"protocol": 1, "instance": "one", "generation": self.generation,
                                         "drainTimeoutMs": 1000, "candidates": 0, "unknown": [None], **answer})
        link.attach = word
        return link

    def up(self, *arguments, **more):
        """A daemon that has said ready, and its connection, without what it says at first."""
        self.listen()
        daemon = self.start(*arguments, **more)
        link = self.attached()
        check(link.next("work.report")["params"] == {"items": []}, "the first report is not empty")
        link.next("ready")
        daemon.hear("restored none")
        return daemon, link

    def close(self):
        for one in [*self.links, *self.daemons]:
            one.close()
        if self.listener:
            self.listener.close()
        for directory in (self.directory, self.work):
            shutil.rmtree(directory, ignore_errors=True)


class Daemon:
    def __init__(self, command, environment, user, directory):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, user=user, cwd=directory, close_fds=False)
        self.reader = Reader(self.process.stdout, lambda line: line.decode().rstrip("\n"))

    def tell(self, line, *answers):
        """Gives it a command; it is to print one of these lines."""
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        got = self.reader.next(60)
        if isinstance(got, str) and got.startswith("unsupported"):
            raise Unsupported(got)
        check(any(got == answer or answer.endswith("*") and str(got).startswith(answer[:-1]) for answer in answers),
              f"'{line[:40]}': expected {' or '.join(answers)}, it says {got}")
        return got

    def hear(self, *lines):
        got = self.reader.next()
        check(got in lines, f"expected it to say {' or '.join(lines)}, it says {got}")

    def stop(self, code=0):
        self.process.send_signal(signal.SIGTERM)
        self.ends(code)

    def ends(self, code):
        try:
            got = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise Failed("it does not end") from None
        check(got == code, f"expected the exit code {code}, got {got}")

    def said_on_stderr(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def work(link, method, id):
    word = link.next(method)
    check(word["params"].get("id") == id, f"{method} of another piece: {word}")
    return word["params"]
