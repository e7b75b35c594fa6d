"""
Steps of the realtime clock, as the programs of the container read it (clock.c): a machine's own
clock is everybody's, and a time namespace has none of its own.
"""
from faults import fault
from faults.kills import kill_main


@fault("clock-step", worlds=("docker",), weight=2)
def clock_step(step):
    """By minutes to years, forward and back, with a death or a restart in it."""
    world = step.world
    offset = step.chance.choice([-1, 1]) * step.chance.choice([90, 3600, 86_400, 300_000_000])
    begun = world.status().get("supervisor", {}).get("uptimeMs", 0)
    world.step_clock(offset)
    step.run.fault("clock-step")
    if step.chance.random() < 0.5:
        kill_main(step)
    else:
        step.sessions.may_cut()
        world.cli("restart", "--force")
    step.run.require(world.await_ready(), "a stepped clock keeps no daemon down",
                     str(world.status())[:600])
    step.pause(0, 0.5)
    uptime = world.status().get("supervisor", {}).get("uptimeMs", 0)
    step.run.require(begun <= uptime <= begun + 60_000, "times are monotonic",
                     "the supervisor was up %d ms, then %d" % (begun, uptime))
    seen = world.has_stepped(offset)
    step.run.require(seen, "the step was seen by PID 1 (else this shows nothing)",
                     world.last_event()[:300])
    world.step_clock(0)
