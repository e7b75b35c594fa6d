"""Breaks each promise by hand, one by one: the check that is for it has to see that."""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import kernel
from pidworld import PidWorld
from chaos import Step
from run import Run
from sessions import UNTOLD
from watch import Watch


def second_daemon(step):
    """By hand, as an operator would, with the same lock."""
    subprocess.run([step.world.path("guard"), step.world.path("keep"), "true"],
                   env=dict(os.environ, DAEMON_GENERATION="1000"))
    time.sleep(0.3)


def second_process(step):
    """One that takes no lock, and that only its command line shows."""
    other = subprocess.Popen(["sh", "-c", "read line", "sh", "--config", step.world.tag],
                             stdin=subprocess.PIPE)
    time.sleep(0.5)
    other.kill()
    other.wait()


def generation_set_back(step):
    step.world.ends_allowed = True
    step.world.signal_pid1(signal.SIGTERM)
    step.await_end()
    # with all that PID 1 could know it from
    for folder in ("state", "run"):
        shutil.rmtree(step.world.path(folder))
    step.world.start()
    step.world.await_ready()
    time.sleep(0.3)


def term_swallowed(step):
    """The settings of this one drop it."""
    step.world.kill_pid1()
    step.world.start("--rewrite", "TERM=")
    step.world.await_ready()
    step.term(signal.SIGTERM)


def session_lost(step):
    """PID 1 is killed, and nobody has said so: what is in flight then is in no manifest."""
    step.sessions.post("lost", 50_000)
    kernel.within(20, lambda: "lost" in step.watch.open_since)
    # long enough for the daemon to have told, as the check sees it
    time.sleep(UNTOLD * 20 + 0.5)
    step.world.kill_pid1()
    step.restart_world()
    step.world.await_ready()
    step.sessions.may_cut()
    step.sessions.finish()
    step.sessions.judge(step.run, killed=False, down=True)


def command_hangs(step):
    step.world.signal_pid1(signal.SIGSTOP)
    # two seconds, however busy the machine is
    step.world.cli("status", bound=3 - kernel.slack())
    step.world.signal_pid1(signal.SIGCONT)


def strange_code(step):
    step.world.command = lambda words: ["sh", "-c", "exit 9"]
    step.world.cli("status")


def zombie_stays(step):
    step.world.signal_pid1(signal.SIGSTOP)
    step.world.signal_main(signal.SIGKILL)
    time.sleep(0.5)
    step.watch.check_zombies()
    step.world.signal_pid1(signal.SIGCONT)


def descriptors_grow(step):
    step.watch.sample()
    clients = [socket.socket(socket.AF_UNIX) for _ in range(12)]
    for client in clients:
        client.connect(step.world.path("run", "control.sock"))
    time.sleep(0.5)
    step.watch.sample()


def ends_by_itself(step):
    step.world.signal_pid1(signal.SIGKILL)
    time.sleep(0.5)


def jvm_crashes(step):
    step.world.ends_allowed = True
    step.world.signal_pid1(signal.SIGSEGV)
    step.world.await_gone(30)
    step.watch.check_crash()


# what is broken, and a part of what has to be found expected in vain
BREAKS = {
    "second-daemon": (second_daemon, "one daemon at a time"),
    "second-process": (second_process, "one daemon at a time"),
    "generation-set-back": (generation_set_back, "the generation rises"),
    "term-swallowed": (term_swallowed, "TERM ends PID 1"),
    "session-lost": (session_lost, "a session that was cut is resumed"),
    "command-hangs": (command_hangs, "ends within"),
    "strange-code": (strange_code, "documented code"),
    "zombie-stays": (zombie_stays, "no zombie stays"),
    "descriptors-grow": (descriptors_grow, "descriptors"),
    "ends-by-itself": (ends_by_itself, "PID 1 does not end by itself"),
    "jvm-crashes": (jvm_crashes, "the JVM does not crash"),
}


def run_one(seed, name):
    """The run in which this was broken."""
    run = Run(seed, " --self-test " + name)
    base = tempfile.mkdtemp(prefix="chaos-")
    world = PidWorld(run, base + "/p")
    watch = Watch(run, world)
    try:
        world.start()
        watch.start()
        world.await_ready()
        time.sleep(0.2)
        step = Step(run, world, watch, run.random(0))
        run.fault(name)
        BREAKS[name][0](step)
    finally:
        world.ends_allowed = True
        watch.over.set()
        watch.join(5)
        world.close()
        shutil.rmtree(base, ignore_errors=True)
    return run


def main(seed, name):
    if name != "all":
        return run_one(seed, name).figures()
    missed = []
    for each, (_, expected) in BREAKS.items():
        run = run_one(seed, each)
        found = [one for one, _ in run.violations if expected in one]
        print("%s: %s" % (each, "found" if found else "NOT FOUND"), flush=True)
        missed += [] if found else [each]
    print("chaos: self-test, %d of %d found" % (len(BREAKS) - len(missed), len(BREAKS)))
    return 1 if missed else 0
