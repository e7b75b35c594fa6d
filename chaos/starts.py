"""
Short lives of PID 1, one after the other: TERM at a random moment of the start, which has to end it
with 143, whether there was a daemon or not. A JVM that crashes once in a thousand starts shows here.
"""
import signal
import tempfile
import time

import world as worlds
from pidworld import PidWorld
from watch import Watch

SETTINGS = ["--ready", "none", "--stop-timeout", "3s", "--drain-timeout", "2s",
            "--container-stop-timeout", "10s"]
TERMINATED = 128 + signal.SIGTERM


def life(run, world, chance):
    world.start()
    run.fault("start")
    time.sleep(chance.choice([0.02, 0.15, 0.4]) * chance.random())
    world.ends_allowed = True
    begun = time.monotonic()
    world.signal_pid1(signal.SIGTERM)
    gone = world.await_gone(worlds.budget())
    run.record("TERM to gone s", time.monotonic() - begun)
    if not run.require(gone, "TERM ends PID 1 within %d s" % worlds.budget(), world.log()[-600:]):
        world.kill_pid1()
    code = world.exit_code()
    run.require(code in (TERMINATED, -signal.SIGTERM), "PID 1 ends with %d" % TERMINATED,
                "%s; its last words: %s" % (code, world.log()[-3000:]))


def main(run, count):
    base = tempfile.mkdtemp(prefix="chaos-")
    world = PidWorld(run, base + "/p", ["sleep", "1000"], SETTINGS)
    watch = Watch(run, world)
    watch.start()
    chance = run.random(0)
    try:
        for number in range(1, count + 1):
            run.step = number
            life(run, world, chance)
        watch.check_crash()
    finally:
        watch.over.set()
        watch.join(5)
        world.close()
    run.leave(base)
    return run.figures()
