"""A supervisor as PID 1 of a container."""
import calendar
import json
import os
import shutil
import subprocess
import time

import kernel
from kernel import within
from world import World


class DockerWorld(World):
    """A container; its folder is mounted at the same path, so that all else is as in the other."""

    in_docker = True
    kind = "docker"

    def __init__(self, run, folder, image, name):
        super().__init__(run, folder)
        self.image = image
        self.name = name
        os.makedirs(self.path("clock"))
        shutil.copy(os.environ["CHAOS_CLOCK"], self.path("clock", "clock.so"))
        self.step_clock(0)
        self.made = False

    def docker(self, *words, check=True):
        done = subprocess.run(["docker", *words], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True)
        if check and done.returncode != 0:
            raise RuntimeError("docker %s: %s" % (" ".join(words), done.stderr))
        return done.stdout.strip()

    def start(self):
        if not self.made:
            self.docker("create", "--name", self.name, "--network", "host", "-v",
                        "%s:%s" % (self.folder, self.folder), "-v",
                        "%s:/chaos" % self.path("clock"), "--memory", "512m", "--pids-limit",
                        "400", self.image, *self.arguments)
            self.made = True
        self.docker("start", self.name)
        self.pid1 = int(self.docker("inspect", "-f", "{{.State.Pid}}", self.name) or 0)
        self.entered()

    def exit_code(self):
        return int(self.docker("wait", self.name))

    def await_gone(self, seconds):
        gone = super().await_gone(seconds)
        if gone:
            self.docker("wait", self.name)
        return gone

    def step_clock(self, seconds):
        """In place, because it is mapped."""
        with open(self.path("clock", "clock"), "r+b" if self.made_clock() else "wb") as file:
            file.write(seconds.to_bytes(8, "little", signed=True))

    def made_clock(self):
        return os.path.exists(self.path("clock", "clock"))

    def last_event(self):
        lines = kernel.read(self.path("state", "events.jsonl")).splitlines()
        return lines[-1] if lines else ""

    def has_stepped(self, offset):
        """Whether PID 1's journal has a time that is off by so much."""
        def is_off():
            at = json.loads(self.last_event() or "{}").get("at", "1970-01-01T00:00:00")[:19]
            stamp = calendar.timegm(time.strptime(at, "%Y-%m-%dT%H:%M:%S"))
            return abs(stamp - time.time() - offset) < 60
        return within(3, is_off, 0.05)

    def command(self, words):
        return ["docker", "exec", "-e", "DAEMON_RUN_DIR=" + self.path("run"), "-e",
                "DAEMON_STATE_DIR=" + self.path("state"), self.name, "daemon", *words]

    def excuses(self, code, output, ended):
        # ended with its container, before or after it began; or the engine found none to run it in, which
        # its runtime says where the container goes at that very moment
        runtime = "OCI runtime exec failed" in output or "cannot exec in a stopped " in output
        return ended and (code == 137 or code == 126 and runtime) \
            or code in (1, 126, 128) and "Error response from daemon" in output

    def log(self):
        done = subprocess.run(["docker", "logs", self.name], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        return done.stdout.decode(errors="replace")

    def close(self):
        if self.made:
            self.docker("rm", "-f", "-v", self.name, check=False)
