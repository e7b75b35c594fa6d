"""One supervisor under test, its folder, and what is known of it from outside."""
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import threading
import time

import kernel
from kernel import within

HERE = os.path.dirname(os.path.abspath(__file__))
HOME = os.environ["SOLEINIT_HOME"]
NODE = os.environ["SOLEINIT_NODE"]
STOP_TIMEOUT, SWEEP_GRACE = 3, 1
DOCUMENTED = {0, 1, 2, 3, 4, 5, 69, 75, 77, 78}
SETTINGS = ["--ready", "attach", "--ready-timeout", "20s", "--backoff-initial", "50ms",
            "--backoff-max", "200ms", "--stop-timeout", "%ds" % STOP_TIMEOUT, "--sweep-grace",
            "%ds" % SWEEP_GRACE, "--container-stop-timeout", "10s", "--drain-timeout", "2s",
            "--restart-timeout", "2s", "--leftover-grace", "1s", "--restart-cooldown", "0"]


def budget():
    """TERM to gone: the stop ladder, and a second."""
    return kernel.bound(STOP_TIMEOUT + SWEEP_GRACE + 1)


def free_port():
    """
    Below those that the kernel gives to clients: one of theirs, of this run or of another beside it,
    could have it while PID 1 is away.
    """
    lowest = int(kernel.read("/proc/sys/net/ipv4/ip_local_port_range", "32768 0").split()[0])
    chance = random.SystemRandom()
    while True:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", chance.randrange(min(10_000, lowest // 2), lowest)))
                return probe.getsockname()[1]
            except OSError:
                continue


class World:
    """What both kinds have in common; they differ in how PID 1 is started and reached."""

    def __init__(self, run, folder, command=None, settings=SETTINGS):
        self.run = run
        self.folder = folder
        self.port = free_port()
        for name in ("run", "state", "keep"):
            os.makedirs(os.path.join(folder, name))
        shutil.copy(os.path.join(HERE, "guard"), folder)
        self.tag = os.path.join(folder, "node.json")
        node = [("/opt/node" if self.in_docker else NODE) + "/bin/node", "--config", self.tag,
                "--host", "127.0.0.1", "--port", str(self.port)]
        listen = [] if command else ["--listen", "tcp:127.0.0.1:%d" % self.port]
        self.arguments = ["--run-dir", self.path("run"), "--state-dir", self.path("state"),
                          *settings, *listen, "--", self.path("guard"), self.path("keep"),
                          *(command or node)]
        self.pid1 = 0
        self.begun_at = 0.0
        self.ends_allowed = True
        self.serves_http = command is None

    def home(self):
        return "/opt/soleinit" if self.in_docker else HOME

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def entered(self):
        """
        The first program of the namespace is ours from here on, with all signals blocked: whoever
        made the namespace has no handler, and what reaches the first process then is dropped.
        """
        def has_blocked():
            status = kernel.read("/proc/%d/status" % self.pid1)
            comm = status.split("\n", 1)[0][6:]
            return not status or "SigBlk:\t0000000000000000" not in status \
                and comm != "unshare" and not comm.startswith("runc")
        within(5, has_blocked, 0.0005)
        self.begun_at = time.monotonic()
        self.ends_allowed = False

    # ---- looking

    def is_alive(self):
        return self.pid1 > 0 and kernel.is_alive(self.pid1)

    def call(self, method, timeout=10, **params):
        """One request on the control socket; None where nobody answers."""
        line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}) + "\n"
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(timeout)
                client.connect(self.path("run", "control.sock"))
                client.sendall(line.encode())
                answer = b""
                while not answer.endswith(b"\n"):
                    part = client.recv(65536)
                    if not part:
                        return None
                    answer += part
            return json.loads(answer).get("result")
        except (OSError, ValueError):
            return None

    def status(self):
        return self.call("status") or {}

    def state(self):
        return self.status().get("state")

    def open_work(self, timeout=10):
        """Ids of the sessions that the daemon says it has."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", "/work")
            return json.loads(connection.getresponse().read())["open"]
        except (OSError, ValueError, KeyError, http.client.HTTPException):
            return []
        finally:
            connection.close()

    def main(self):
        """The daemon's process id as seen from here; 0 while there is none."""
        text = kernel.read(self.path("run", "daemon.pid")).strip()
        inner = int(text) if text.isdigit() else 0
        for pid in kernel.children(self.pid1) if inner and self.is_alive() else []:
            if kernel.inner_pid(pid) == inner and kernel.is_alive(pid):
                return pid
        return 0

    def await_ready(self, seconds=30):
        return within(kernel.bound(seconds), lambda: self.state() == "ready", 0.02)

    def starts(self):
        """Generations in the order of their starts, with what became of each."""
        lines = kernel.read(self.path("keep", "starts")).splitlines()
        return [(int(number), word) for number, word in (line.split() for line in lines)]

    def daemons(self):
        """Each living process that is, or is about to become, the daemon, with its start ticks."""
        found = {}
        for pid in kernel.processes():
            words = kernel.arguments(pid)
            if self.tag in words and "--state-dir" not in words:
                found[pid] = kernel.stat(pid)
        # not what one of them has forked and that is about to become another program
        return [(pid, stat[2]) for pid, stat in found.items()
                if stat and stat[0] not in "ZX" and stat[1] not in found and kernel.is_process(pid)]

    # ---- doing

    def signal_main(self, number):
        pid = self.main()
        return pid > 0 and kernel.send(pid, number)

    def signal_pid1(self, number):
        return self.is_alive() and kernel.send(self.pid1, number)

    def kill_pid1(self):
        self.ends_allowed = True
        self.signal_pid1(signal.SIGKILL)
        self.await_gone(budget())

    def await_gone(self, seconds):
        return within(seconds, lambda: not self.is_alive())

    def cli(self, *words, bound=25, allowed=()):
        """Runs the command; checks that it ends in time, and with a documented code."""
        begun, pid1 = time.monotonic(), self.pid1
        bound = kernel.bound(bound)
        try:
            done = subprocess.run(self.command(words), stdin=subprocess.DEVNULL, timeout=bound,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  env=self.environment())
        except subprocess.TimeoutExpired as late:
            self.run.violation("'daemon %s' ends within %d s" % (" ".join(words), bound),
                               "it did not; so far it said %r" % late.stdout)
            return None, ""
        output = done.stdout.decode(errors="replace")
        self.run.count("requests")
        took = time.monotonic() - begun
        self.run.record("command s", took)
        if took > 8:
            self.run.say("'daemon %s' took %.1f s, exit %d: %s" % (
                " ".join(words), took, done.returncode, output.strip()[-200:]))
        documented = done.returncode in DOCUMENTED or done.returncode in allowed \
            or self.excuses(done.returncode, output, self.ends_allowed or self.pid1 != pid1)
        self.run.require(documented, "'daemon %s' ends with a documented code" % " ".join(words),
                         "%d: %s" % (done.returncode, output[-300:]))
        return done.returncode, output

    def cli_beside(self, *words, **options):
        thread = threading.Thread(target=self.cli, args=words, kwargs=options, daemon=True)
        thread.start()
        return thread

    def excuses(self, code, output, ended):
        """Codes that are not the command's own; PID 1 may have been ended since it began."""
        return False

    def environment(self):
        return dict(os.environ, DAEMON_RUN_DIR=self.path("run"),
                    DAEMON_STATE_DIR=self.path("state"), DAEMON_SUPERVISOR="container")
