"""TERM to PID 1 until the daemon has it, in lives in which something outside stands still."""
import argparse, fcntl, os, pathlib, shutil, signal, statistics, subprocess, sys, tempfile, time

from bench import EV_START, EV_TERM, Shm
from pid1 import Pid1, before_others

HERE = pathlib.Path(__file__).resolve().parent
WORLDS = ("nothing", "stderr", "disk", "both")
LIMIT_MS = 5.0


def freeze(how, place):
    subprocess.run(["fsfreeze", how, str(place)], check=True)


def fill(pipe):
    """Until nothing more goes in; then whoever writes waits for a reader that does not come."""
    flags = fcntl.fcntl(pipe, fcntl.F_GETFL)
    fcntl.fcntl(pipe, fcntl.F_SETFL, flags | os.O_NONBLOCK)
    for size in 4096, 1:
        try:
            while True:
                os.write(pipe, b"." * size)
        except BlockingIOError:
            pass
    fcntl.fcntl(pipe, fcntl.F_SETFL, flags)


class Life(Pid1):
    """One with its state on a disk of its own and its log in a pipe."""

    def __init__(self, arguments, place):
        self.shm = Shm(str(place / "shm"))
        self.reader, self.log = os.pipe()
        super().__init__(arguments.home, place, ["--ready", "notify"],
                         [str(arguments.build / "child"), self.shm.path, "idle"], stderr=self.log)
        self.wait(lambda: self.shm.find(EV_START))
        time.sleep(0.5)

    def term(self, world):
        """Milliseconds; PID 1 has to end once the world moves again."""
        # what the other work of the machine takes is no stall of ours
        before_others(self.pid, self.main())
        if world in ("stderr", "both"):
            fill(self.log)
        frozen = world in ("disk", "both")
        if frozen:
            freeze("-f", self.place / "state")
        try:
            sent = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
            os.kill(self.pid, signal.SIGTERM)
            got = self.wait(lambda: self.shm.find(EV_TERM), 30, 0.001)[2]
        finally:
            if frozen:
                freeze("-u", self.place / "state")
        self.unshare.wait(20)
        return (got - sent) / 1e6

    def end(self):
        if self.unshare.poll() is None:
            self.unshare.kill()
            self.unshare.wait()
        os.close(self.reader)
        os.close(self.log)
        self.shm.close()


def run(arguments):
    place = pathlib.Path(tempfile.mkdtemp(prefix="stalled"))
    (place / "state").mkdir()
    image = place / "disk"
    with open(image, "wb") as file:
        file.truncate(16 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
    subprocess.run(["mount", "-o", "loop", str(image), str(place / "state")], check=True)
    times = {world: [] for world in WORLDS}
    try:
        for _ in range(arguments.lives):
            for world in WORLDS:
                life = Life(arguments, place)
                try:
                    times[world].append(life.term(world))
                finally:
                    life.end()
    finally:
        subprocess.run(["umount", "-l", str(place / "state")])
        shutil.rmtree(place, ignore_errors=True)
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=pathlib.Path, default=HERE.parent / "target/soleinit")
    parser.add_argument("--build", type=pathlib.Path, default=HERE / ".build", help=argparse.SUPPRESS)
    parser.add_argument("--lives", type=int, default=10, help="of each kind (default: %(default)s)")
    arguments = parser.parse_args()
    arguments.home, arguments.build = arguments.home.resolve(), arguments.build.resolve()
    times = run(arguments)
    print("| what stands still | lives | TERM to the daemon: median ms | longest ms |\n|---|---:|---:|---:|")
    for world, millis in times.items():
        print("| %s | %d | %.2f | %.2f |" % (world, len(millis), statistics.median(millis), max(millis)))
    late = [world for world, millis in times.items() if statistics.median(millis) > LIMIT_MS]
    if late:
        sys.exit("stalled.py: over %g ms at the median: %s" % (LIMIT_MS, ", ".join(late)))


main()
