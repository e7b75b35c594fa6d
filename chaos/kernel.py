"""Processes as /proc shows them."""
import os
import time


def read(path, default=""):
    try:
        with open(path, errors="replace") as file:
            return file.read()
    except OSError:
        return default


def stat(pid):
    """State letter, parent and start ticks; None if it is gone."""
    text = read("/proc/%d/stat" % pid)
    if not text:
        return None
    fields = text[text.rindex(")") + 2:].split()
    return fields[0], int(fields[1]), int(fields[19])


def is_alive(pid):
    found = stat(pid)
    return found is not None and found[0] not in "ZX"


def arguments(pid):
    return read("/proc/%d/cmdline" % pid).split("\0")


def processes():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def is_process(pid):
    """Not a thread of one, which has all the same files."""
    return "\nTgid:\t%d\n" % pid in read("/proc/%d/status" % pid)


def children(pid):
    found = []
    for task in os.listdir("/proc/%d/task" % pid) if os.path.exists("/proc/%d" % pid) else []:
        found += map(int, read("/proc/%d/task/%s/children" % (pid, task)).split())
    return found


def inner_pid(pid):
    """The process id in its own namespace; 0 if it is gone."""
    for line in read("/proc/%d/status" % pid).splitlines():
        if line.startswith("NSpid:"):
            return int(line.split()[-1])
    return 0


def descriptors(pid):
    try:
        return len(os.listdir("/proc/%d/fd" % pid))
    except OSError:
        return 0


def field(pid, file, name):
    for line in read("/proc/%d/%s" % (pid, file)).splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


def threads(pid):
    return field(pid, "status", "Threads")


def pss_kb(pid):
    return field(pid, "smaps_rollup", "Pss")


def send(pid, signal):
    """False if it is gone."""
    try:
        os.kill(pid, signal)
        return True
    except ProcessLookupError:
        return False


def slack():
    """
    How much slower than alone this machine may be: its load per CPU, 1 at the least. Seconds that the
    machine's other work takes are nobody's fault; on a quiet one nothing is added.
    """
    return min(20.0, max(1.0, os.getloadavg()[0] / os.cpu_count()))


def bound(seconds):
    """So many seconds, and one more for each that a busy machine makes of one."""
    return seconds + slack() - 1


def within(seconds, condition, pause=0.01):
    """Until the condition holds; its value, or None if it never does."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            return None
        time.sleep(pause)
