"""What one run has seen: its steps as lines, its figures, its violations."""
import collections
import random
import shutil
import sys
import threading
import time


class Run:
    def __init__(self, seed, label):
        self.seed = seed
        self.label = label
        self.begun = time.monotonic()
        self.step = 0
        self.faults = collections.Counter()
        self.counts = collections.Counter()
        self.longest = {}
        self.violations = []
        self.lock = threading.Lock()

    def random(self, step):
        """The chance of one step, which depends on nothing that happened before."""
        return random.Random("%d/%d" % (self.seed, step))

    def say(self, text):
        with self.lock:
            print("%8.1fs  %s" % (time.monotonic() - self.begun, text), flush=True)

    def fault(self, kind, times=1):
        with self.lock:
            self.faults[kind] += times

    def count(self, what, times=1):
        with self.lock:
            self.counts[what] += times

    def record(self, what, value):
        """Keeps the largest value of its kind."""
        with self.lock:
            self.longest[what] = max(value, self.longest.get(what, value))

    def violation(self, expected, came):
        with self.lock:
            self.violations.append((expected, came))
            print("%8.1fs  VIOLATION in step %d\n            expected: %s\n            came:     %s\n"
                  "            replay:   chaos/run --seed %d --step %d%s"
                  % (time.monotonic() - self.begun, self.step, expected, came, self.seed, self.step,
                     self.label), flush=True)

    def require(self, holds, expected, came):
        if not holds:
            self.violation(expected, came)
        return holds

    def leave(self, base):
        """Keeps the folder if it shows a violation."""
        if self.violations:
            print("logs and state are kept in " + base)
        else:
            shutil.rmtree(base, ignore_errors=True)

    def figures(self):
        print("\nfaults      " + ", ".join("%s %d" % one for one in sorted(self.faults.items())))
        print("figures     " + ", ".join("%s %d" % one for one in sorted(self.counts.items())))
        print("at most     " + ", ".join("%s %.2f" % one for one in sorted(self.longest.items())))
        print("chaos: %d faults, %d violations, seed %d"
              % (sum(self.faults.values()), len(self.violations), self.seed))
        sys.stdout.flush()
        return 1 if self.violations else 0
