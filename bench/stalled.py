"""TERM to PID 1 until the daemon has it, in lives in which something outside stands still."""
import argparse, fcntl, mmap, os, pathlib, shutil, signal, statistics, struct, subprocess, sys, tempfile, time
from soaked import before_others

HERE = pathlib.Path(__file__).resolve().parent
EVENTS_AT, EVENT_BYTES, EVENTS, TERM = 64, 16, 8192, 3
WORLDS = ("nothing", "stderr", "disk", "both")
LIMIT_MS = 5.0


def events(shm):
    """Type and nanoseconds of what the child has noted; see helpers/shm.h."""
    found = []
    for at in range(min(struct.unpack_from("<I", shm, 8)[0], EVENTS)):
        nanos, kind, _ = struct.unpack_from("<QII", shm, EVENTS_AT + EVENT_BYTES * at)
        found.append((kind, nanos))
    return found


def within(seconds, found, what):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = found()
        if value:
            return value
        time.sleep(0.001)
    raise SystemExit("stalled.py: in vain: " + what)


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


class Life:
    """A PID 1 with its state on a disk of its own and its log in a pipe."""

    def __init__(self, arguments, place):
        self.place = place
        self.state = place / "state"
        self.shm_file = place / "shm"
        self.shm_file.write_bytes(bytes(EVENTS_AT + EVENT_BYTES * EVENTS))
        with open(self.shm_file, "r+b") as file:
            self.shm = mmap.mmap(file.fileno(), 0)
        self.reader, self.log = os.pipe()
        self.unshare = subprocess.Popen(
            ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child",
             str(arguments.home / "bin/entrypoint"), "--run-dir", str(place / "run"),
             "--state-dir", str(self.state), "--ready", "notify", "--",
             str(arguments.build / "child"), str(self.shm_file), "idle"],
            stdin=subprocess.DEVNULL, stderr=self.log)
        children = pathlib.Path("/proc/%d/task/%d/children" % (self.unshare.pid, self.unshare.pid))
        self.pid1 = int(within(10, lambda: children.read_text().split(), "PID 1")[0])
        within(10, lambda: any(kind == 1 for kind, _ in events(self.shm)), "the daemon's start")
        time.sleep(0.5)

    def term(self, world):
        """Milliseconds; PID 1 has to end once the world moves again."""
        # what the other work of the machine takes is no stall of ours
        before_others(self.pid1, self.daemon())
        if world in ("stderr", "both"):
            fill(self.log)
        frozen = world in ("disk", "both")
        if frozen:
            freeze("-f", self.state)
        try:
            sent = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
            os.kill(self.pid1, signal.SIGTERM)
            got = within(30, lambda: next((nanos for kind, nanos in events(self.shm) if kind == TERM), 0),
                         "TERM at the daemon while the world stands still: " + world)
        finally:
            if frozen:
                freeze("-u", self.state)
        self.unshare.wait(20)
        return (got - sent) / 1e6

    def daemon(self):
        for path in pathlib.Path("/proc/%d/task" % self.pid1).glob("*/children"):
            for child in path.read_text().split():
                if os.readlink("/proc/%s/exe" % child).endswith("/child"):
                    return int(child)
        return 0

    def end(self):
        if self.unshare.poll() is None:
            self.unshare.kill()
            self.unshare.wait()
        os.close(self.reader)
        os.close(self.log)


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
