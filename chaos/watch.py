"""Looks at a world from outside, all the time: how many daemons, which generations, which names."""
import json
import os
import threading
import time

import kernel


# The JVM's bounds (48 MB of heap, which is filled before it is collected, 16 MB of code) and the rest.
MAX_PSS_MB = 110


class Watch(threading.Thread):
    def __init__(self, run, world):
        super().__init__(daemon=True)
        self.run_ = run
        self.world = world
        self.names = set()
        self.open_since = {}
        self.open_last = {}
        self.starts_seen = 0
        self.last = 0
        self.stamp = None
        self.baseline = {}
        self.over = threading.Event()
        self.reported = set()

    def start(self):
        super().start()
        threading.Thread(target=self.read_work, daemon=True).start()

    def run(self):
        round_ = 0
        while not self.over.wait(0.01):
            self.read_manifest()
            round_ += 1
            if round_ % 5 == 0:
                self.check_starts()
                self.check_one_daemon()
                self.check_end()

    # ---- work

    def read_work(self):
        """Which sessions the daemon itself says it has, and since when."""
        while not self.over.wait(0.05):
            for name in self.world.open_work(2):
                self.open_since.setdefault(name, time.monotonic())
                self.open_last[name] = time.monotonic()

    def resumed_since(self, instant):
        """Those that a later life was seen to have."""
        return {name for name, last in list(self.open_last.items()) if last > instant + 0.05}

    def read_manifest(self):
        path = self.world.path("state", "restart-manifest.json")
        try:
            found = os.stat(path)
            stamp = (found.st_ino, found.st_mtime_ns)
            if stamp == self.stamp:
                return
            with open(path) as file:
                content = json.load(file)["content"]
            self.stamp = stamp
            self.names.update(one["id"] for one in content["candidates"])
            self.names.update(content["cut"])
        except (OSError, ValueError):
            return

    def is_named(self, name):
        if name in self.names:
            return True
        texts = (self.world.log(), kernel.read(self.world.path("state", "events.jsonl")),
                 kernel.read(self.world.path("state", "events.jsonl.1")))
        return any(name in text for text in texts)

    # ---- one daemon, rising generations

    def check_starts(self):
        starts = self.world.starts()
        for number, word in starts[self.starts_seen:]:
            self.run_.count("starts of the daemon")
            self.run_.require(word != "second", "one daemon at a time",
                              "a second one, generation %d, found the lock taken" % number)
            self.run_.require(number > self.last, "the generation rises",
                              "%d was followed by %d" % (self.last, number))
            self.last = max(self.last, number)
        self.starts_seen = len(starts)

    def check_one_daemon(self):
        """Two that both live on after they were seen: not one that went while another came."""
        found = self.world.daemons()
        if len(found) > 1:
            both = [one for one in found if kernel.is_alive(one[0])
                    and kernel.stat(one[0]) and kernel.stat(one[0])[2] == one[1]]
            if len(both) > 1 and tuple(both) not in self.reported:
                self.reported.add(tuple(both))
                self.run_.violation("one daemon at a time", "two live: %s" % [
                    (pid, " ".join(kernel.arguments(pid))[-120:]) for pid, _ in both])

    def check_end(self):
        world = self.world
        if world.pid1 and not world.ends_allowed and not kernel.is_alive(world.pid1):
            time.sleep(0.05)
            if not world.ends_allowed and not kernel.is_alive(world.pid1):
                world.ends_allowed = True
                self.run_.violation("PID 1 does not end by itself", "it did; its last words: "
                                    + world.log()[-600:])

    # ---- growth, at quiet moments

    def sample(self):
        """PID 1 against itself at its first quiet moment."""
        run, pid = self.run_, self.world.pid1
        now = (kernel.descriptors(pid), kernel.threads(pid), kernel.pss_kb(pid) / 1024)
        first = self.baseline.setdefault((pid, self.world.begun_at), now)
        for what, after, most in (("descriptors", now[0], first[0] + 8),
                                  ("threads", now[1], first[1] + 6), ("PSS MB", now[2], MAX_PSS_MB)):
            run.record("PID 1 " + what, after)
            run.require(after <= most, "PID 1 has at most %d %s" % (most, what),
                        "%d; at first %s" % (after, first))
        run.say("         PID 1 has %d descriptors, %d threads, %d MB" % now)

    def check_zombies(self):
        def zombies():
            found = [(pid, kernel.stat(pid)) for pid in kernel.children(self.world.pid1)]
            return [pid for pid, stat in found if stat and stat[0] == "Z"]
        if not kernel.within(3, lambda: not zombies(), 0.1):
            self.run_.violation("no zombie stays", "%s" % zombies())

    def check_crash(self):
        """Texts of the JVM's own end, and of our fallback, in the log of this world."""
        log = self.world.log()
        at = log.find("unexpected error in the supervisor")
        self.run_.require(at < 0, "PID 1 does not fall back", log[max(0, at - 100):at + 1500])
        if "fatal error has been detected" in log or "hs_err_pid" in log:
            at = log.find("fatal error")
            self.run_.violation("the JVM does not crash", log[max(0, at - 300):at + 1500])
