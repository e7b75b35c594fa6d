"""Faults in an order that the seed gives, and checks from outside after each. See README.md."""
import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

import faults
import kernel
import world as worlds
from dockerworld import DockerWorld
from pidworld import PidWorld
from run import Run
from sessions import Sessions
from watch import Watch


class Step:
    """One fault and what belongs to it."""

    def __init__(self, run, world, watch, chance, burst=None):
        self.run = run
        self.world = world
        self.watch = watch
        self.chance = chance
        self.fixed_burst = burst
        self.long_ones = chance.choice([0, 2])
        # a name of its own for each session of the run, however often a step is replayed
        self.sessions = Sessions(world, watch, "%d.%d" % (run.step, os.getpid()))
        # PID 1 was killed: what is in flight then is in no manifest, as the README says
        self.killed = False
        # PID 1 was away: nobody listened
        self.down = False

    def pause(self, least, most):
        time.sleep(self.chance.uniform(least, most))

    def burst(self, least, most):
        number = self.chance.randint(least, most)
        return number if self.fixed_burst is None else self.fixed_burst

    def kill_pid1(self):
        self.killed = self.down = True
        self.sessions.may_cut()
        self.world.kill_pid1()
        self.run.fault("kill-pid1")

    def restart_world(self):
        self.world.await_gone(worlds.budget())
        self.world.start()
        self.run.count("starts of PID 1")

    def term(self, number):
        self.sessions.may_cut()
        self.world.ends_allowed = True
        begun = time.monotonic()
        self.world.signal_pid1(number)
        self.run.fault("term")
        self.await_end(begun)

    def await_end(self, begun=None):
        begun = begun or time.monotonic()
        gone = self.world.await_gone(worlds.budget() + 10)
        self.ended(time.monotonic() - begun)
        if not gone:
            self.killed = True
            self.world.kill_pid1()

    def ended(self, seconds):
        self.down = True
        self.run.record("TERM to gone s", seconds)
        most = worlds.budget()
        self.run.record("load per CPU", kernel.slack())
        self.run.require(seconds <= most, "TERM ends PID 1 within %d s" % most,
                         "%.2f s; its last words: %s" % (seconds, self.world.log()[-600:]))
        code = self.world.exit_code()
        crashed = code in (128 + signal.SIGSEGV, 128 + signal.SIGABRT, -signal.SIGSEGV, 70)
        self.run.require(not crashed, "PID 1 ends as its daemon did", "exit code %s: %s" % (
            code, self.world.log()[-1500:]))


def recover(step):
    """Everything that a fault has left is undone; then the daemon has to be ready."""
    world, run = step.world, step.run
    if not world.is_alive():
        run.require(world.ends_allowed, "PID 1 is alive", "it has ended: " + world.log()[-600:])
        step.restart_world()
    if world.state() in ("held", "stopping"):
        world.cli("start")
    begun = time.monotonic()
    ready = world.await_ready()
    run.record("back to ready s", time.monotonic() - begun)
    return run.require(ready, "the daemon is ready within 30 s after the fault",
                       "status %s; log: %s" % (str(world.status())[:900], world.log()[-900:]))


def perform(run, fault, world, watch, chance, burst=None):
    step = Step(run, world, watch, chance, burst)
    run.say("step %d: %s in %s%s" % (run.step, fault.name, world.kind,
                                     ", long sessions" if step.long_ones else ""))
    # a session that outlives its supervisor is of the step before
    step.sessions.begin(chance, long_ones=step.long_ones)
    step.pause(0.45, 0.9)
    try:
        fault.act(step)
    except Exception:
        run.violation("the step itself works", traceback.format_exc())
    if recover(step):
        step.sessions.finish()
        kernel.within(2, lambda: world.state() == "ready", 0.05)
        step.sessions.judge(run, step.killed, step.down)
        watch.check_zombies()
        watch.sample()
        watch.check_crash()
    step.sessions.over.set()


def choose(run, number, everything, alive):
    """The world and the fault of a step, from seed and number alone."""
    chance = run.random(number)
    world = alive[chance.randrange(len(alive))]
    able = [one for one in everything if world.kind in one.worlds]
    return world, chance.choices(able, [one.weight for one in able])[0], chance


def make_disk(folder):
    """A file system of its own for a state directory: it can be filled and frozen."""
    image = folder + ".ext4"
    with open(image, "wb") as file:
        file.truncate(24 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0", image], check=True)
    subprocess.run(["mount", "-o", "loop", image, folder], check=True)


def make_image(base):
    """soleinit's folder in Debian, with a clock that can be stepped."""
    clock = base + "/clock.so"
    here = os.path.dirname(os.path.abspath(__file__))
    subprocess.run([os.environ.get("CC", "gcc"), "-shared", "-fPIC", "-O2", "-nostdlib",
                    "-fno-builtin", "-fno-stack-protector", "-o", clock, here + "/clock.c"], check=True)
    os.environ["CHAOS_CLOCK"] = clock
    context = base + "/image"
    shutil.copytree(worlds.HOME, context + "/soleinit", symlinks=True)
    shutil.copytree(worlds.NODE, context + "/node", symlinks=True)
    with open(context + "/preload", "w") as file:
        file.write("/chaos/clock.so\n")
    with open(context + "/Dockerfile", "w") as file:
        file.write("FROM debian:trixie-slim\nCOPY soleinit /opt/soleinit\nCOPY node /opt/node\n"
                   "COPY preload /etc/ld.so.preload\n"
                   "ENV DAEMON_SUPERVISOR=container PATH=/opt/soleinit/bin:/usr/bin:/bin\n"
                   'ENTRYPOINT ["/opt/soleinit/bin/entrypoint"]\n')
    done = subprocess.run(["docker", "build", "-q", context], capture_output=True, text=True)
    shutil.rmtree(context)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return done.stdout.strip()


class Everything:
    """The worlds of a run and their folder; gone at the end, unless something was found."""

    def __init__(self, run, kinds):
        self.run = run
        self.base = tempfile.mkdtemp(prefix="chaos-")
        self.image = None
        self.worlds = []
        if "pid" in kinds:
            folder = self.base + "/p"
            self.worlds.append(PidWorld(run, folder))
            make_disk(folder + "/state")
        if "docker" in kinds:
            self.image = make_image(self.base)
            self.worlds.append(DockerWorld(run, self.base + "/d", self.image,
                                                  os.path.basename(self.base)))
        self.watches = {one: Watch(run, one) for one in self.worlds}

    def start(self):
        for world, watch in self.watches.items():
            world.start()
            watch.start()
            self.run.require(world.await_ready(), "the daemon gets ready", world.log()[-900:])

    def close(self):
        for world, watch in self.watches.items():
            world.ends_allowed = True
            if self.run.violations:
                kernel_log = world.log()
                with open(self.base + "/%s.log" % world.kind, "w") as file:
                    file.write(kernel_log)
                subprocess.run(["cp", "-a", world.path("state"), self.base + "/state-" + world.kind])
                subprocess.run(["cp", "-a", world.path("keep"), self.base + "/keep-" + world.kind])
            watch.over.set()
            watch.join(5)
            world.close()
        for world in self.worlds:
            subprocess.run(["umount", "-l", world.path("state")], stderr=subprocess.DEVNULL)
        if self.image:
            subprocess.run(["docker", "rmi", self.image], stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        self.run.leave(self.base)


def options():
    parser = argparse.ArgumentParser(prog="chaos/run")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    parser.add_argument("--world", choices=["pid", "docker"])
    parser.add_argument("--only", metavar="FAULT",
                        help="one of those that README.md lists; or signals, or starts")
    parser.add_argument("--count", type=int, help="with --only: so many of it, however long it takes")
    parser.add_argument("--step", type=int, help="this step of the seed alone")
    parser.add_argument("--self-test", nargs="?", const="all", metavar="BREAK",
                        help="each check has to find what is broken for it by hand")
    return parser.parse_args()


def loop(run, all_, everything, given):
    """Steps until the time, or the count, is over."""
    deadline = time.monotonic() + given.minutes * 60
    number = given.step or 0
    while True:
        number += 0 if given.step else 1
        run.step = number
        world, fault, chance = choose(run, number, everything, all_.worlds)
        perform(run, fault, world, all_.watches[world], chance, 10 if given.count else None)
        done = run.faults[fault.name] >= given.count if given.count \
            else time.monotonic() > deadline
        if done or given.step or len(run.violations) > 20:
            return


def main():
    given = options()
    # whoever ends this run ends its worlds with it
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if given.self_test:
        import selftest
        return selftest.main(given.seed, given.self_test)
    label = "".join(" --%s %s" % (name, getattr(given, name)) for name in ("only", "count", "world")
                    if getattr(given, name))
    run = Run(given.seed, label)
    print("chaos: seed %d" % given.seed, flush=True)
    if given.only == "signals":
        import signals
        return signals.main(run, given.count or 200)
    if given.only == "starts":
        import starts
        return starts.main(run, given.count or 200)
    known = faults.load()
    if given.only and given.only not in known:
        print("chaos/run: no fault '%s'; there are %s, signals, starts"
              % (given.only, ", ".join(sorted(known))), file=sys.stderr)
        return 2
    chosen = [known[given.only]] if given.only else list(known.values())
    kinds = [given.world] if given.world else ["pid", "docker"]
    kinds = [kind for kind in kinds if any(kind in one.worlds for one in chosen)]
    all_ = Everything(run, kinds)
    try:
        all_.start()
        loop(run, all_, chosen, given)
    finally:
        all_.close()
    return run.figures()


if __name__ == "__main__":
    try:
        code = main()
    except SystemExit as asked:
        code = asked.code
    # at once: some client may still wait for its answer
    sys.stdout.flush()
    os._exit(code)
