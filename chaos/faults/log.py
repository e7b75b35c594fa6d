"""A reader of the log that stands still."""
import kernel
from faults import fault
from faults.kills import kill_main
from kernel import within


@fault("stalled-log", worlds=("pid",), weight=2)
def stalled_log(step):
    """The pipe is full: starts, answers and the end wait for no reader."""
    world = step.world
    world.reads.clear()
    world.fill_pipe()
    step.run.fault("stalled-log")
    what = step.chance.choice(["kill", "restart", "term"])
    try:
        if what == "kill":
            before = len(world.starts())
            killed = kill_main(step)
            back = within(kernel.bound(5), lambda: len(world.starts()) > before)
            step.run.require(back or not killed, "a stalled log holds no start up", "none within 5 s")
            world.cli("status")
        elif what == "restart":
            step.sessions.may_cut()
            world.cli("restart", "--no-graceful")
        else:
            step.term(15)
    finally:
        world.reads.set()
    if what == "term":
        step.restart_world()
