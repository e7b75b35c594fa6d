"""A PID 1 in a PID namespace of its own, and how to ask it: what soak, growth and stalled have in common."""
import json, os, pathlib, socket, subprocess, time


class Pid1:
    """Runs from a folder of its own; `prefix` stands before the command, streams are Popen's."""

    def __init__(self, home, place, options, command, prefix=(), **streams):
        self.place = place
        self.unshare = subprocess.Popen(
            [*prefix, "unshare", "--pid", "--fork", "--mount-proc", "--kill-child", str(home / "bin/entrypoint"),
             "--run-dir", str(place / "run"), "--state-dir", str(place / "state"), *options, "--", *command],
            stdin=subprocess.DEVNULL, **streams)
        self.pid = self.wait(self.child)

    def child(self):
        path = "/proc/%d/task/%d/children" % (self.unshare.pid, self.unshare.pid)
        words = pathlib.Path(path).read_text().split()
        return int(words[0]) if words else None

    def wait(self, found, seconds=60, pause=0.02):
        """Until that is true; its value."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                value = found()
                if value:
                    return value
            except (OSError, ValueError, KeyError):
                pass
            time.sleep(pause)
        raise SystemExit("bench: waited in vain for %r in %s" % (found, self.place))

    def main(self):
        """The process of helpers/child; 0 while there is none."""
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

    def is_ready(self):
        return self.status()["state"] == "ready"


def ask(link, lines, method, **params):
    link.sendall((json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}) + "\n").encode())
    return json.loads(lines.readline())["result"]


def before_others(*pids, priority=1):
    """Their threads run before everything else of the machine; what they start does not."""
    for pid in pids:
        for thread in os.listdir("/proc/%d/task" % pid) if pid else []:
            try:
                os.sched_setscheduler(int(thread), os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(priority))
            except ProcessLookupError:
                pass
