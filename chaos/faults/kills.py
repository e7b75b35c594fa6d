"""SIGKILL of the daemon, and of PID 1 with everything in it, on one state directory."""
import signal
import time

from faults import fault
from kernel import within


def kill_main(step):
    """True if there was one to kill."""
    step.sessions.may_cut()
    killed = step.world.signal_main(signal.SIGKILL)
    if killed:
        step.run.fault("kill-daemon")
    return killed


@fault("kill-daemon", weight=3)
def kill_daemon(step):
    """Some times, at random moments: while it serves, starts, or is about to be started."""
    for _ in range(step.burst(1, 5)):
        within(20, lambda: kill_main(step), 0.005)
        step.pause(0, 0.8)


@fault("kill-pid1", weight=3)
def kill_pid1(step):
    for _ in range(step.burst(1, 3)):
        step.kill_pid1()
        step.restart_world()
        if step.chance.random() < 0.6:
            step.world.await_ready()
        step.pause(0, 0.8)


@fault("kill-pid1-in-restart")
def kill_pid1_in_restart(step):
    """In the middle of what a restart writes."""
    beside = step.world.cli_beside("restart", *step.chance.choice(
        [["--force"], ["--no-graceful"], ["--timeout", "1s"]]))
    step.pause(0, 0.6)
    step.kill_pid1()
    step.restart_world()
    beside.join()


@fault("short-starts", worlds=("pid",))
def short_starts(step):
    """Many starts that end at once: TERM before, at and after each of their instructions."""
    for _ in range(step.burst(3, 8)):
        step.term(signal.SIGTERM)
        step.restart_world()
        time.sleep(step.chance.choice([0, 0, 0.02, 0.1]) * step.chance.random())
