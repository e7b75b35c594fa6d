"""TERM to PID 1 at every moment of its life; STOP and CONT of daemon and supervisor."""
import signal
import time

from faults import fault
from faults.kills import kill_main


@fault("term", weight=3)
def term(step):
    """As an engine stops a container: while it serves, starts, drains, backs off, hangs."""
    when = step.chance.choice(["serving", "starting", "draining", "held", "hanging"])
    beside = None
    if when == "starting":
        kill_main(step)
        step.pause(0, 0.5)
    elif when == "draining":
        beside = step.world.cli_beside("restart", "--timeout", "2s")
        step.pause(0, 0.6)
    elif when == "held":
        step.sessions.may_cut()
        step.world.cli("stop")
    elif when == "hanging":
        step.sessions.is_silent_now()
        step.world.signal_main(signal.SIGSTOP)
    step.term(step.chance.choice([signal.SIGTERM, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT]))
    step.restart_world()
    if beside:
        beside.join()


@fault("docker-stop", worlds=("docker",))
def docker_stop(step):
    """The engine's own: never its KILL after 10 s."""
    step.sessions.may_cut()
    step.world.ends_allowed = True
    begun = time.monotonic()
    step.world.docker("stop", "--time", "10", step.world.name)
    step.ended(time.monotonic() - begun)
    step.run.fault("docker-stop")
    step.restart_world()


@fault("stop-daemon", weight=2)
def stop_daemon(step):
    """It stands still, and goes on; or is restarted by force, and dies by KILL."""
    step.sessions.is_silent_now()
    if not step.world.signal_main(signal.SIGSTOP):
        return
    stopped = step.world.main()
    step.run.fault("stop-daemon")
    if step.chance.random() < 0.5:
        step.pause(0.1, 2)
        if step.world.main() == stopped:
            step.world.signal_main(signal.SIGCONT)
    else:
        step.sessions.may_cut()
        step.world.cli("restart", "--force")


@fault("stop-pid1", weight=2)
def stop_pid1(step):
    """Commands end although it does not answer; a daemon that dies meanwhile comes back after. What the
    daemon says meanwhile is heard as far as the kernel keeps it, some forty messages with checkpoints:
    the rest dies in the daemon."""
    stopped = time.monotonic()
    step.world.signal_pid1(signal.SIGSTOP)
    step.run.fault("stop-pid1")
    beside = [step.world.cli_beside(*words) for words in (["status"], ["preflight"])]
    step.pause(0.1, 2)
    if step.chance.random() < 0.5:
        step.sessions.is_silent_since(stopped)
        kill_main(step)
    if step.chance.random() < 0.2:
        step.pause(10, 11)
    step.world.signal_pid1(signal.SIGCONT)
    for one in beside:
        one.join()


@fault("pause-container", worlds=("docker",))
def pause_container(step):
    step.world.docker("pause", step.world.name)
    step.run.fault("pause-container")
    step.pause(0.2, 3)
    step.world.docker("unpause", step.world.name)
