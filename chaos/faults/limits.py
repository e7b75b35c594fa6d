"""No process to be had, no memory to be had; orphans by the hundred."""
import signal
import subprocess

from faults import fault
from faults.kills import kill_main


@fault("no-pids", worlds=("docker",))
def no_pids(step):
    """The daemon dies where none can be started; it comes back once one can."""
    world = step.world
    world.docker("update", "--pids-limit", str(step.chance.randint(1, 25)), world.name)
    step.run.fault("no-pids")
    try:
        kill_main(step)
        # the engine itself may find no process for it
        world.cli("status", allowed={126, 127, 128, 134, 137, 139, 255})
        step.pause(0.2, 2)
        step.run.require(world.is_alive(), "PID 1 outlives a lack of processes", "it has ended")
    finally:
        world.docker("update", "--pids-limit", "400", world.name)


@fault("memory", worlds=("docker",))
def memory(step):
    """A process takes all memory of the container; the kernel ends somebody, and it is not PID 1."""
    step.sessions.may_cut()
    subprocess.run(["docker", "exec", step.world.name, "sh", "-c", "tail /dev/zero"],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
    step.run.fault("memory")
    step.run.require(step.world.is_alive(), "PID 1 outlives a lack of memory", "it has ended")


@fault("orphans")
def orphans(step):
    """Left to PID 1 all at once, by something beside the daemon."""
    number = step.chance.randint(50, 250)
    script = "i=0; while [ $i -lt %d ]; do (sleep 0.2 &) ; i=$((i+1)); done" % number
    if step.world.in_docker:
        words = ["docker", "exec", step.world.name, "sh", "-c", script]
    else:
        words = ["nsenter", "--target", str(step.world.pid1), "--pid", "--mount", "sh", "-c", script]
    subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, timeout=60)
    step.run.fault("orphans")
    if step.chance.random() < 0.5:
        step.world.signal_pid1(signal.SIGCHLD)
