"""The file system of the state directory, full or frozen."""
import os
import subprocess

import kernel
from faults import fault
from faults.kills import kill_main
from kernel import within


def fill(step):
    """Every block of it; the file that takes them all."""
    path = step.world.path("state", "filling")
    with open(path, "wb", buffering=0) as file:
        try:
            for size in (65536, 4096, 512, 1):
                try:
                    while file.write(b"x" * size) == size:
                        pass
                except OSError:
                    continue
            os.fsync(file.fileno())
        except OSError:
            pass
    return path


@fault("full-disk", worlds=("pid",), weight=2)
def full_disk(step):
    """Starts go on, generations rise, also across a kill of PID 1; then there is room again."""
    filling = fill(step)
    step.run.fault("full-disk")
    try:
        for _ in range(step.chance.randint(1, 3)):
            what = step.chance.choice(["kill", "restart", "pid1", "command"])
            if what == "kill":
                within(10, lambda: kill_main(step), 0.005)
            elif what == "restart":
                step.sessions.may_cut()
                step.world.cli("restart", "--force")
            elif what == "pid1":
                step.kill_pid1()
                step.restart_world()
            else:
                step.world.cli("status", "--json")
            step.pause(0, 1)
        step.run.require(step.world.await_ready(), "a full disk keeps no daemon down",
                         str(step.world.status())[:600])
    finally:
        os.unlink(filling)


@fault("frozen-disk", worlds=("pid",), weight=2)
def frozen_disk(step):
    """A start waits for it 5 s at the most; TERM reaches the daemon at once, whatever the disk does."""
    state = step.world.path("state")
    subprocess.run(["fsfreeze", "-f", state], check=True)
    step.run.fault("frozen-disk")
    try:
        what = step.chance.choice(["short", "kill", "term"])
        if what == "short":
            step.pause(0.1, 1.5)
        elif what == "kill":
            before = len(step.world.starts())
            killed = kill_main(step)
            back = within(kernel.bound(8), lambda: len(step.world.starts()) > before)
            step.run.require(back or not killed, "a frozen disk holds a start up 5 s at the most",
                             "none within 8 s")
        else:
            step.sessions.may_cut()
            step.world.ends_allowed = True
            step.world.signal_pid1(15)
            gone = within(kernel.bound(5), lambda: not step.world.daemons())
            step.run.require(gone, "TERM ends the daemon although the disk is frozen",
                             "it lives: %s" % step.world.daemons())
    finally:
        subprocess.run(["fsfreeze", "-u", state], check=True)
    if what == "term":
        step.await_end()
        step.restart_world()
