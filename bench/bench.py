#!/usr/bin/env python3
"""Benchmark of process supervisors that run as a real PID 1. See README.md."""

import argparse
import atexit
import datetime
import fcntl
import json
import math
import mmap
import os
import platform
import random
import re
import select
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
MEASURES = ["start", "memory", "signal", "cli", "idle", "reap", "drain", "restart", "storm", "stop", "zero",
            "health", "ready", "kept"]
EV_START, EV_READY, EV_TERM, EV_CRASH, EV_LISTEN = 1, 2, 3, 4, 5
EV_MAX, EV_OFF, EV_SIZE = 8192, 64, 16
SHM_SIZE = EV_OFF + EV_MAX * EV_SIZE
LIMIT = "limit (kernel)"

now = time.monotonic
now_ns = time.monotonic_ns      # CLOCK_MONOTONIC, as in the helpers


def log(msg):
    print("%6.1fs  %s" % (now() - T0, msg), file=sys.stderr, flush=True)


# ---------------------------------------------------------------- /proc helpers

def read(path, default=""):
    try:
        with open(path) as f:
            return f.read()
    except OSError:
        return default


def children(pid):
    out = []
    try:
        tasks = os.listdir("/proc/%d/task" % pid)
    except OSError:
        return out
    for t in tasks:
        out += [int(x) for x in read("/proc/%d/task/%s/children" % (pid, t)).split()]
    return out


def descendants(pid):
    out, todo = [], [pid]
    while todo:
        for c in children(todo.pop()):
            out.append(c)
            todo.append(c)
    return out


def exe_id(pid):
    try:
        st = os.stat("/proc/%d/exe" % pid)
        return st.st_dev, st.st_ino
    except OSError:
        return None


def cpu_ns(pid):
    """CPU time of a process with all its threads, dead ones too, in ns."""
    try:
        return time.clock_gettime_ns((~pid << 3) | 2)
    except OSError:
        return 0


def rollup(pid):
    d = {}
    for line in read("/proc/%d/smaps_rollup" % pid).splitlines()[1:]:
        k, v = line.split(":")
        d[k] = int(v.split()[0])
    return d


def threads(pid):
    m = re.search(r"^Threads:\s+(\d+)", read("/proc/%d/status" % pid), re.M)
    return int(m.group(1)) if m else 0


def switches(pid):
    n = 0
    try:
        for t in os.listdir("/proc/%d/task" % pid):
            m = re.search(r"^voluntary_ctxt_switches:\s+(\d+)", read("/proc/%d/task/%s/status" % (pid, t)), re.M)
            n += int(m.group(1)) if m else 0
    except OSError:
        pass
    return n


def cpu_stat():
    """(busy, stolen by the host, all) CPU ticks of the machine so far"""
    v = [int(x) for x in read("/proc/stat").splitlines()[0].split()[1:9]]
    return sum(v) - v[3] - v[4] - v[7], v[7], sum(v)


class Stalls(threading.Thread):
    """Notices when the whole machine stands still: sleeps of 20 ms that take > 200 ms."""

    def __init__(self):
        super().__init__(daemon=True)
        self.n, self.total, self.worst = 0, 0.0, 0.0
        self.off = False        # while a burst of our own orphans fills the run queue

    def run(self):
        while True:
            t = now()
            off = self.off
            time.sleep(0.02)
            d = now() - t
            if d > 0.2 and not off and not self.off:
                self.n, self.total, self.worst = self.n + 1, self.total + d, max(self.worst, d)


def wait_quiet(limit_s):
    """Wait until others use less than a quarter of the CPUs for 2 s on end."""
    end, calm = now() + limit_s, 0
    while now() < end and calm < 4:
        a = cpu_stat()
        time.sleep(0.5)
        busy, steal, total = (y - x for x, y in zip(a, cpu_stat()))
        calm = calm + 1 if (busy + steal) < 0.25 * total else 0
    log("the machine is quiet" if calm >= 4 else "the machine is not quiet; going on")


# ---------------------------------------------------------------- shared record

class Shm:
    def __init__(self, path):
        with open(path, "wb") as f:
            f.truncate(SHM_SIZE)
        self.path = path
        with open(path, "r+b") as f:
            self.m = mmap.mmap(f.fileno(), SHM_SIZE)

    def u32(self, off):
        return struct.unpack_from("<I", self.m, off)[0]

    def u64(self, off):
        return struct.unpack_from("<Q", self.m, off)[0]

    starts = property(lambda s: s.u32(4))
    dead = property(lambda s: s.u32(20))
    norph = property(lambda s: s.u32(24))
    t_exec = property(lambda s: s.u64(32))
    t_last = property(lambda s: s.u64(48))

    def set_cmd(self, v):
        struct.pack_into("<I", self.m, 12, v)

    def events(self, since=0):
        """[(index, type, ns, pid)] of the events from number `since` on"""
        out = []
        for i in range(since, min(self.u32(8), EV_MAX)):
            ns, typ, pid = struct.unpack_from("<QII", self.m, EV_OFF + EV_SIZE * i)
            if not typ:
                break
            out.append((i, typ, ns, pid))
        return out

    def find(self, typ, since=0):
        for e in self.events(since):
            if e[1] == typ:
                return e
        return None

    def close(self):
        self.m.close()


# ---------------------------------------------------------------- one launch

LIVE = set()


class Run:
    """A peer launched as PID 1 of a new PID namespace, with the child program."""

    serial = 0

    def __init__(self, peer, mode, config="default", port=0):
        Run.serial += 1
        self.peer, self.config, self.port = peer, config, port
        self.dir = os.path.join(TMP, "r%d" % Run.serial)
        os.mkdir(self.dir)
        self.shm = Shm(os.path.join(self.dir, "shm"))
        self.child = [CHILD, self.shm.path] + [str(m) for m in mode]
        self.pidfd = -1
        self._pid1 = 0
        cfg = dict(peer.get("configs", {}).get(config, {}))
        files = dict(peer.get("files", {}))
        files.update(cfg.get("files", {}))
        for name, spec in files.items():
            p = os.path.join(self.dir, name)
            os.makedirs(os.path.dirname(p), exist_ok=True)
            with open(p, "w") as f:
                f.write("\n".join(self.sub(t) for t in spec["text"]) + "\n")
            os.chmod(p, int(spec.get("mode", "644"), 8))
        # as if configured long ago (runsvdir waits 1 s when its folder is younger than that)
        for d, _, names in os.walk(self.dir, topdown=False):
            for q in [os.path.join(d, x) for x in names] + [d]:
                os.utime(q, (time.time() - 3600,) * 2)
        env = {k: v for k, v in os.environ.items()
               if k not in ("LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "NOTIFY_SOCKET", "NOTIFY_FD")}
        env.update({k: self.sub(v) for k, v in {**peer.get("env", {}), **cfg.get("env", {})}.items()})
        argv = self.argv(cfg.get("launch", peer["launch"]))
        self.logfile = os.path.join(self.dir, "log")
        with open(self.logfile, "wb") as out:
            self.proc = subprocess.Popen(
                [os.path.join(BIN, "stamp"), "-g", "unshare", "--pid", "--fork", "--mount-proc", "--kill-child",
                 os.path.join(BIN, "stamp"), self.shm.path] + argv,
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self.dir, env=env,
                start_new_session=True)
        LIVE.add(self)

    def sub(self, s):
        def one(m):
            k = m.group(1)
            if k.startswith("env:"):
                v = os.environ.get(k[4:])
                if v is None:
                    raise KeyError("environment variable %s is not set" % k[4:])
                return v
            return {"dir": self.dir, "build": BUILD, "child": shlex.join(self.child), "port": str(self.port),
                    "here": HERE, "peerdir": self.peer["_dir"],
                    "pid1": str(self._pid1)}[k]
        return re.sub(r"\{(dir|build|child|port|here|peerdir|pid1|env:\w+)\}", one, s)

    def argv(self, template):
        out = []
        for a in template:
            if a == "{child...}":
                out += self.child
            else:
                out.append(self.sub(a))
        return out

    def wait(self, fn, timeout=20.0, step=0.0005):
        end = now() + timeout
        while True:
            v = fn()
            if v:
                return v
            if now() > end:
                return None
            if self.proc.poll() is not None:
                return fn()
            time.sleep(step)

    def wait_event(self, typ, since=0, timeout=20.0, step=0.0005):
        return self.wait(lambda: self.shm.find(typ, since), timeout, step)

    def started(self, timeout=20.0):
        e = self.wait_event(EV_START, 0, timeout)
        if not e:
            raise Fail("the child did not start: " + self.tail())
        return e

    def tail(self):
        return read(self.logfile)[-300:].replace(TMP, "").strip() or "(no output)"

    @property
    def pid1(self):
        if not self._pid1:
            c = self.wait(lambda: children(self.proc.pid) if self.shm.t_exec else None, 5)
            if not c:
                raise Fail("no PID 1: " + self.tail())
            self._pid1 = c[0]
            self.pidfd = os.pidfd_open(self._pid1)
        return self._pid1

    def alive(self):
        self.pid1
        p = select.poll()
        p.register(self.pidfd, select.POLLIN)
        return not p.poll(0)

    def procs(self):
        """(pids of the supervisor tree, pids of the child program)"""
        sup, kid = [], []
        for p in [self.pid1] + descendants(self.pid1):
            e = exe_id(p)
            if e is None:
                continue            # gone, or a zombie
            (kid if e == CHILD_ID else sup).append(p)
        return sup, kid

    def memory(self):
        d = {"pss": 0, "private": 0, "dirty": 0, "threads": 0, "processes": 0}
        for p in self.procs()[0]:
            r = rollup(p)
            d["pss"] += r.get("Pss", 0)
            d["private"] += r.get("Private_Clean", 0) + r.get("Private_Dirty", 0)
            d["dirty"] += r.get("Private_Dirty", 0)
            d["threads"] += threads(p)
            d["processes"] += 1
        return d

    def send(self, sig):
        self.pid1
        signal.pidfd_send_signal(self.pidfd, sig)

    def kill_child(self, sig):
        """signal the supervised child itself, from outside"""
        for p in self.procs()[1]:
            os.kill(p, sig)

    def stop(self, timeout=15.0):
        """TERM to PID 1; -> (ms until the namespace is gone or None, ms until the
        child saw TERM or None if it never did)"""
        self.pid1
        sig = getattr(signal, "SIG" + self.peer.get("stop_signal", "TERM"))
        p = select.poll()
        p.register(self.pidfd, select.POLLIN)
        since = self.shm.u32(8)
        t0 = now_ns()
        signal.pidfd_send_signal(self.pidfd, sig)
        ok = p.poll(timeout * 1000)
        t1 = now_ns()
        e = self.shm.find(EV_TERM, since)
        return ((t1 - t0) / 1e6 if ok else None), ((e[2] - t0) / 1e6 if e else None)

    def close(self):
        if self not in LIVE:
            return
        LIVE.discard(self)
        try:
            if self.pidfd >= 0:
                signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
        except OSError:
            pass
        if self.proc.poll() is None:
            if self.pidfd < 0:
                self.proc.kill()        # --kill-child takes the namespace along
            try:
                self.proc.wait(30)
            except subprocess.TimeoutExpired:
                self.proc.kill()
                self.proc.wait(30)
        if self.pidfd >= 0:
            os.close(self.pidfd)
            self.pidfd = -1
        self.shm.close()
        if not ARGS.keep:
            shutil.rmtree(self.dir, ignore_errors=True)


class Fail(Exception):
    pass


@atexit.register
def cleanup():
    for r in list(LIVE):
        r.close()
    if "TMP" in globals() and not ARGS.keep:
        shutil.rmtree(TMP, ignore_errors=True)


# ---------------------------------------------------------------- small tools

def helper(name, *args, timeout=60):
    p = subprocess.run([os.path.join(BIN, name)] + [str(a) for a in args], stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, text=True, timeout=timeout, stdin=subprocess.DEVNULL)
    return p


def numbers(text, scale=1.0):
    return [int(x) / scale for x in text.split()]


def stat(v):
    v = sorted(x for x in v if x is not None)
    if not v:
        return None
    n = len(v)
    med = v[n // 2] if n % 2 else (v[n // 2 - 1] + v[n // 2]) / 2
    d = {"n": n, "min": v[0], "median": med, "max": v[-1]}
    if n >= 100:
        d["p99"] = v[min(n - 1, math.ceil(n * 0.99) - 1)]
    return d


RAW = {}            # RAW[measure][peer][metric] = [values]
NOTE = {}           # NOTE[measure][peer] = [texts]


def put(measure, name, metric, *values):
    RAW.setdefault(measure, {}).setdefault(name, {}).setdefault(metric, []).extend(values)


def note(measure, name, text):
    l = NOTE.setdefault(measure, {}).setdefault(name, [])
    if text not in l:
        l.append(text)
        log("note: %s %s: %s" % (measure, name, text))


def wants(peer, measure):
    return measure in ARGS.measures and measure in peer.get("measures", MEASURES)


# Shares of --max-seconds. A measure that runs late (noisy machine) does fewer rounds,
# so that the ones after it still have their time; what is not used is handed on.
SHARE = {"start": 5, "stop": 11, "memory": 21, "idle": 4, "reap": 17, "drain": 11, "restart": 8, "storm": 19, "zero": 20,
         "ready": 4, "health": 3, "kept": 3}
DEADLINE = [0.0]


def set_deadline(measure):
    todo = [m for m in SHARE if m in ARGS.measures or m == "memory" and {"signal", "cli"} & set(ARGS.measures)]
    done = sum(SHARE[m] for m in todo[:todo.index(measure) + 1])
    DEADLINE[0] = T0 + ARGS.max_seconds * done / sum(SHARE[m] for m in todo)


def late():
    return now() > DEADLINE[0]


def rounds(measures, n, least=1):
    """Every peer once a round, in an order that turns, until the time is spent; so many rounds in any case."""
    ps = [p for p in PEERS if any(wants(p, m) for m in measures)]
    for r in range(n):
        if r >= least and late():
            log("time is spent: %s ends after %d of %d rounds" % ("/".join(measures), r, n))
            return
        for i in range(len(ps)):
            yield r, ps[(i + r) % len(ps)]
        yield r, None               # the limits' turn


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def guarded(measure, peer, fn):
    """Run fn(); a peer that fails is noted, and the rest goes on."""
    try:
        return fn()
    except (Fail, OSError, KeyError, subprocess.TimeoutExpired) as e:
        note(measure, peer["name"], "failed: %s" % str(e).replace(TMP, ""))


# ---------------------------------------------------------------- measures

def limit_shm():
    global LIMIT_N
    LIMIT_N = globals().get("LIMIT_N", 0) + 1
    return Shm(os.path.join(TMP, "limit%d" % LIMIT_N))


def limit(what, count, arg):
    s = limit_shm()
    p = helper("limits", s.path, what, count, arg)
    s.close()
    os.unlink(s.path)
    return numbers(p.stdout)


def m_start():
    """exec of PID 1 -> child's first instruction; round 0 only warms the caches"""
    for r, peer in rounds(["start"], ARGS.n_start + 1, least=2):
        if peer is None:
            if r:
                put("start", LIMIT, "ms", *[x / 1e6 for x in limit("spawn", 10, CHILD)])
            continue
        run = Run(peer, ["idle"])

        def one():
            e = run.started()
            if r:
                put("start", peer["name"], "ms", (e[2] - run.shm.t_exec) / 1e6)
        guarded("start", peer, one)
        run.close()


def m_stop():
    """TERM to PID 1 -> namespace gone. All are launched, then stopped one by one, each
    at a random age between 1.2 and 2.2 s of its child: some peers treat young children
    specially, and some poll once a second."""
    runs = []

    def flush():
        runs.sort(key=lambda x: x[0])
        for due, run in runs:
            def one():
                time.sleep(max(0.0, due - now()))
                gone, term = run.stop()
                if gone is None:
                    note("stop", run.peer["name"], "still there after 15 s")
                put("stop", run.peer["name"], "ms", gone)
                put("stop", run.peer["name"], "term_to_child_ms", term)
                put("stop", run.peer["name"], "graceful", 0 if term is None else 1)
            guarded("stop", run.peer, one)
            run.close()
        runs.clear()

    for r, peer in rounds(["stop"], ARGS.n_stop):
        if peer is None:
            flush()
            put("stop", LIMIT, "ms", *[x / 1e6 for x in limit("stop", 5, CHILD)])
            continue
        run = Run(peer, ["idle"])
        e = guarded("stop", peer, run.started)
        if e:
            runs.append((e[2] / 1e9 + 1.2 + random.random(), run))
        else:
            run.close()
    flush()


def m_memory_signal_cli():
    per = ARGS.n_signal
    for r, peer in rounds(["memory", "signal", "cli"], ARGS.n_memory):
        if peer is None:
            s = limit_shm()
            if "cli" in ARGS.measures:
                put("cli", LIMIT, "ms", *numbers(helper("spawnt", 10, CHILD, s.path, "ping").stdout, 1e6))
            if "signal" not in ARGS.measures:
                continue
            since = s.u32(8)
            c = subprocess.Popen([CHILD, s.path, "idle"], stdin=subprocess.DEVNULL)
            try:
                while not s.find(EV_START, since):
                    time.sleep(0.001)
                p = helper("sigbench", s.path, per, 2000, "kill", c.pid, int(signal.SIGUSR1))
                put("signal", LIMIT, "kill_us", *numbers(p.stdout, 1e3))
            finally:
                c.kill()
                c.wait()
            s.close()
            continue
        name = peer["name"]
        run = Run(peer, ["idle"])

        def one():
            run.started()
            if wants(peer, "memory"):
                time.sleep(ARGS.settle)
                for k, v in run.memory().items():
                    put("memory", name, k, v)
            else:
                time.sleep(0.2)
            if wants(peer, "signal"):
                if peer.get("signal"):
                    signo = getattr(signal, "SIG" + peer["signal"])
                    p = helper("sigbench", run.shm.path, per, 2000, "kill", run.pid1, int(signo))
                    v = numbers(p.stdout, 1e3)
                    put("signal", name, "kill_us", *[x for x in v if x > 0])
                    put("signal", name, "lost", sum(1 for x in v if x < 0))
                if peer.get("signal_cli"):
                    p = helper("sigbench", run.shm.path, ARGS.n_cli, 2000, "exec", *run.argv(peer["signal_cli"]))
                    v = numbers(p.stdout, 1e3)
                    put("signal", name, "cli_us", *[x for x in v if x > 0])
                    put("signal", name, "cli_lost", sum(1 for x in v if x < 0))
            if wants(peer, "cli") and peer.get("status"):
                time.sleep(0.1)
                p = helper("spawnt", ARGS.n_cli, *run.argv(peer["status"]))
                put("cli", name, "ms", *numbers(p.stdout, 1e6))
                if p.returncode:
                    note("cli", name, "the status command failed (%s)" % p.stderr.strip()[-100:].replace(TMP, ""))
        guarded("memory", peer, one)
        run.close()


def m_idle():
    """CPU time and wake-ups of idle supervisors; all at once, 3 copies of each"""
    runs = []
    for r, peer in rounds(["idle"], ARGS.n_idle):
        if peer:
            runs.append(Run(peer, ["idle"]))
    for run in runs[:]:
        try:
            run.started(30)
        except Fail as e:
            note("idle", run.peer["name"], str(e))
            run.close()
            runs.remove(run)
    time.sleep(2 if ARGS.idle_s >= 5 else 1)
    a = [[(p, cpu_ns(p), switches(p)) for p in run.procs()[0]] for run in runs]
    t = now()
    time.sleep(ARGS.idle_s)
    for run, before in zip(runs, a):
        put("idle", run.peer["name"], "cpu_ms", sum(cpu_ns(p) - c for p, c, _ in before) / 1e6)
        put("idle", run.peer["name"], "wakeups", sum(switches(p) - w for p, _, w in before))
        run.close()
    log("idle window was %.1f s" % (now() - t))


def reap(kind):
    n = ARGS.orphans
    for r, peer in rounds([kind], ARGS.n_reap if kind == "reap" else ARGS.n_drain):
        if peer is None:
            if kind == "reap":
                put("reap", LIMIT, "ns_per_zombie", *limit("waitpid", 1, n))
            continue
        name = peer["name"]
        run = Run(peer, ["orphans", n])

        def one():
            if not run.wait_event(EV_READY, 0, 60, 0.01):
                raise Fail("orphans not ready: " + run.tail())
            made = run.shm.norph
            if made != n:
                note(kind, name, "only %d of %d orphans could be forked" % (made, n))
            time.sleep(0.1)
            STALLS.off = True
            p = helper("zwatch", run.shm.path, run.pid1, made, ARGS.reap_limit * 1000, "burst" if kind == "reap" else "drain",
                       timeout=ARGS.reap_limit + 60)
            total, maxz, left, cpu, dying = [int(x) for x in p.stdout.split()]
            if left == 0 and run.alive():
                put(kind, name, "total_ms", total / 1e6)
                put(kind, name, "cpu_ms", cpu / 1e6)
            else:
                put(kind, name, "unfinished", left)
                note(kind, name, "PID 1 died" if not run.alive() else
                     "%d of %d zombies left after %d s" % (left, made, ARGS.reap_limit))
                put(kind, name, "cpu_ms", cpu / 1e6)
            put(kind, name, "max_zombies", maxz)
            if kind == "reap":
                put(kind, name, "dying_ms", dying / 1e6)
        guarded(kind, peer, one)
        run.close()
        STALLS.off = False


class Crasher:
    """One instance of the restart measure: crash, wait for the next start, age."""

    OLD, YOUNG = 1.5, 0.2           # age in s at which the child is crashed (old: up to 1 s
                                    # more, at random, since some peers poll once a second)

    def __init__(self, peer, config):
        self.peer, self.config = peer, config
        self.run = Run(peer, ["idle"], config)
        self.seen, self.born, self.hit, self.done, self.dead = 0, 0, None, 0, False
        self.more = random.random()

    def key(self):
        return "%s_%s_ms" % (self.config, "old" if self.done % 2 == 0 else "young")

    def step(self, may_hit):
        """-> True if the child was crashed in this step"""
        if self.hit is None:
            age = now() - self.born / 1e9
            if may_hit and age >= (self.OLD + self.more if self.done % 2 == 0 else self.YOUNG):
                self.run.kill_child(signal.SIGUSR2)
                self.hit = now()
                return True
            return False
        c = self.run.shm.find(EV_CRASH, self.seen)
        s = self.run.shm.find(EV_START, c[0] + 1) if c else None
        if s:
            put("restart", self.peer["name"], self.key(), (s[2] - c[2]) / 1e6)
            self.seen, self.born, self.hit = s[0], s[2], None
            self.done += 1
            self.more = random.random()
        elif now() - self.hit > ARGS.restart_limit or not self.run.alive():
            put("restart", self.peer["name"], self.key(), None)
            note("restart", self.peer["name"], "%s: %s" % (self.key()[:-3], "PID 1 exited" if not self.run.alive()
                 else "no restart within %d s" % ARGS.restart_limit))
            self.dead = True
        return False


def m_restart():
    todo = []
    for r, peer in rounds(["restart"], 1):
        if peer is None:
            put("restart", LIMIT, "default_old_ms", *[x / 1e6 for x in limit("restart", 20, CHILD)])
        elif peer["restarts"]:
            for cfg in ["default"] + (["min"] if "min" in peer.get("configs", {}) else []):
                todo.append(Crasher(peer, cfg))
    for c in todo[:]:
        try:
            c.born = c.run.started()[2]
            c.run.pid1
        except Fail as e:
            note("restart", c.peer["name"], str(e))
            c.run.close()
            todo.remove(c)
    last = 0
    everyone = list(todo)
    # who has none left has still enough for one of the slowest
    end = max(DEADLINE[0], now() + 3 * ARGS.restart_limit)
    while todo and now() < end:
        for c in todo[:]:
            # one crash at a time: let 30 ms pass between two of them
            try:
                if c.step(now() - last > 0.03):
                    last = now()
            except (Fail, OSError) as e:
                note("restart", c.peer["name"], str(e))
                c.dead = True
            if c.dead or c.done >= 2 * ARGS.n_restart:
                todo.remove(c)
        time.sleep(0.001)
    if todo:
        log("time is spent: restart ends before all of " + ", ".join(sorted({c.peer["name"] for c in todo})))
    for c in everyone:
        c.run.close()


def storm(batch):
    """Run the storm on a batch of (peer, config) at once; then see who has given up, and
    wait up to 4 s more for those that may be about to."""
    jobs = []
    for peer, cfg in batch:
        jobs.append((peer, cfg, Run(peer, ["storm"], cfg)))
    for peer, cfg, run in jobs[:]:
        try:
            run.started()
        except Fail as e:
            note("storm", peer["name"], str(e))
            run.close()
            jobs = [j for j in jobs if j[2] is not run]
    time.sleep(1.2)             # so that the first crash is of a child that had been up
    state = []
    for peer, cfg, run in jobs:
        sup = run.procs()[0]
        m = run.memory()
        c = {p: cpu_ns(p) for p in sup}
        run.shm.set_cmd(1)
        state.append((peer, cfg, run, m, c, run.shm.starts, now_ns()))
        run.kill_child(signal.SIGUSR2)
    end = now() + ARGS.storm_s
    while now() < end:
        time.sleep(0.05)
    keys = []
    for peer, cfg, run, m0, c0, s0, t0 in state:        # everyone's numbers first
        key = peer["name"] if cfg == "default" else "%s (%s)" % (peer["name"], peer["configs"][cfg].get("label", cfg))
        keys.append(key)
        starts = run.shm.starts - s0
        put("storm", key, "starts", starts)
        if starts > 20 * ARGS.storm_s and len(jobs) > 1:
            note("storm", key, 'not paced: set "hot" in its entry')
        if not run.alive():
            continue
        cpu = sum(cpu_ns(p) - c0.get(p, 0) for p in run.procs()[0])
        m1 = run.memory()
        put("storm", key, "cpu_ms", cpu / 1e6)
        put("storm", key, "cpu_us_per_start", cpu / 1e3 / starts if starts else None)
        put("storm", key, "dirty_growth_kb", m1["dirty"] - m0["dirty"])
        put("storm", key, "processes_growth", m1["processes"] - m0["processes"])
        put("storm", key, "last_start_s", max(0, (run.shm.t_last - t0) / 1e9) if starts else None)
    wait_until = end + 4                # give up may come a little after the window
    for key, (peer, cfg, run, _, _, _, t0) in zip(keys, state):
        gave = 0
        while True:
            at = (now_ns() - t0) / 1e9
            if not run.alive():
                gave = 1
                note("storm", key, "PID 1 exited")
            elif peer.get("status") and peer.get("gave_up"):
                p = subprocess.run(run.argv(peer["status"]), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   text=True, stdin=subprocess.DEVNULL, timeout=10)
                if re.search(peer["gave_up"], p.stdout):
                    gave = 1
                    put("storm", key, "gave_up_by_s", at)
                elif now() < wait_until:
                    time.sleep(0.2)
                    continue
            break
        put("storm", key, "gave_up", gave)
        run.close()


def m_storm():
    """Peers that pace their starts use hardly any CPU and share a round; a peer that
    restarts without a delay ("hot" in its entry) has the machine for itself."""
    batch, hot = [], []
    for r, peer in rounds(["storm"], 1):
        if peer and peer["restarts"]:
            for cfg in ["default"] + (["min"] if "min" in peer.get("configs", {}) else []):
                (hot if peer.get("hot") else batch).append((peer, cfg))
    for r in range(ARGS.n_storm):
        if r and late():
            log("time is spent: storm ends after %d of %d rounds" % (r, ARGS.n_storm))
            return
        for g in ([batch] if batch else []) + [[h] for h in hot]:
            storm(g)


def load_start(port, limit_s=15):
    return subprocess.Popen([os.path.join(BIN, "load"), str(port), "8", str(ARGS.rate), str(limit_s)],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def load_stop(p):
    out, _ = p.communicate("", timeout=20)
    d = json.loads(out)
    d["failed"] = d["refused"] + d["reset"] + d["closed"] + d["timeout"] + d["other"]
    return d


def quiet_of_the_same_length(name, port, seconds, restart):
    """the same load without a restart, right behind one: what of the longest connection is the machine's"""
    p = load_start(port)
    time.sleep(max(0, seconds - 0.02))
    quiet = load_stop(p)
    put("zero", name, "quiet_latency_ms", quiet["max_latency_ms"])
    put("zero", name, "over_quiet_ms", restart["max_latency_ms"] - quiet["max_latency_ms"])


def m_zero():
    """restarts under a constant load of short connections"""
    runs = {}
    for r, peer in rounds(["zero"], 1):
        if peer is None or not peer["restarts"] or not peer.get("restart"):
            continue
        cfgs = peer.get("configs", {})
        cfg = "zero" if "zero" in cfgs else "min" if "min" in cfgs else "default"
        port = free_port()
        run = Run(peer, ["serve", port], cfg, port)
        try:
            if not run.wait_event(EV_LISTEN, 0, 20):
                raise Fail("the server did not start: " + run.tail())
            time.sleep(0.05)
            p = load_start(port)
            time.sleep(0.4)
            put("zero", peer["name"], "control_failed", load_stop(p)["failed"])     # no restart: must be 0
        except Fail as e:
            note("zero", peer["name"], str(e))
            run.close()
            continue
        runs[peer["name"]] = run
    for r, peer in rounds(["zero"], ARGS.n_zero):
        if peer is None or peer["name"] not in runs:
            continue
        name, run = peer["name"], runs[peer["name"]]

        def one():
            last = [e for e in run.shm.events() if e[1] == EV_LISTEN][-1]
            time.sleep(max(0, 1.3 - (now() - last[2] / 1e9)))       # not a "young" child
            since, want = run.shm.u32(8), peer.get("listens", 1)
            began = now()
            p = load_start(run.port)
            cli = None
            try:
                time.sleep(0.1)
                t0 = now()
                if isinstance(peer["restart"], str):
                    run.send(getattr(signal, "SIG" + peer["restart"].split(":")[1]))
                else:
                    cli = subprocess.Popen(run.argv(peer["restart"]), stdin=subprocess.DEVNULL,
                                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                ok = run.wait(lambda: sum(e[1] == EV_LISTEN for e in run.shm.events(since)) >= want
                              and (cli is None or cli.poll() is not None), 10)
                put("zero", name, "restart_ms", (now() - t0) * 1e3)
                time.sleep(0.15)
            finally:
                d = load_stop(p)
                if cli:
                    if cli.poll() is None:
                        cli.kill()
                    cli.wait()
            if not ok:
                note("zero", name, "a restart was not finished within 10 s")
            for k in ("ok", "failed", "refused", "reset", "closed", "timeout", "other", "max_gap_ms", "max_latency_ms"):
                put("zero", name, k, d[k])
            put("zero", name, "outage_ms", d["bad_span_ms"] if d["failed"] else 0.0)
            quiet_of_the_same_length(name, run.port, now() - began, d)
        guarded("zero", peer, one)
    for run in runs.values():
        run.close()


def m_ready():
    """exec of PID 1 -> the peer's own command says that the child is ready; round 0 only warms the caches"""
    for r, peer in rounds(["ready"], ARGS.n_ready + 1, least=2):
        if peer is None or not peer.get("ready"):
            continue
        run = Run(peer, ["idle"], "ready" if "ready" in peer.get("configs", {}) else "min")

        def one():
            p = helper("spawnt", "-u", run.pid1, 20, *run.argv(peer["ready"]))
            if p.returncode:
                raise Fail("it is not ready after 20 s: " + p.stderr.strip()[-100:])
            if r:
                put("ready", peer["name"], "ms", (int(p.stdout) - run.shm.t_exec) / 1e6)
        guarded("ready", peer, one)
        run.close()


def m_health():
    """the peer's command for a health check, in its namespace: CPU time and spawn to exit"""
    def cost(name, pid, command):
        p = helper("spawnt", "-c", pid, ARGS.n_cli, *command)
        if p.returncode:
            raise Fail("the health check failed (%s)" % p.stderr.strip()[-100:])
        for line in p.stdout.splitlines():
            wall, cpu = (int(x) / 1e6 for x in line.split())
            put("health", name, "ms", wall)
            put("health", name, "cpu_ms", cpu)

    for r, peer in rounds(["health"], ARGS.n_memory):
        if peer is None:
            cost(LIMIT, 0, ["true"])
            continue
        if not peer.get("health"):
            continue
        run = Run(peer, ["idle"])

        def one():
            run.started()
            time.sleep(ARGS.settle)
            cost(peer["name"], run.pid1, run.argv(peer["health"]))
        guarded("health", peer, one)
        run.close()


def m_kept():
    """the request of a restart -> the successor has answered on each of the connections that were kept for it"""
    for r, peer in rounds(["kept"], 1):
        if peer is None or "kept" not in peer.get("configs", {}):
            continue
        port = free_port()
        run = Run(peer, ["keep", ARGS.kept], "kept", port)

        def one():
            run.started()
            links = [socket.create_connection(("127.0.0.1", port), 20) for _ in range(ARGS.kept)]
            if not run.wait_event(EV_LISTEN):
                raise Fail("the connections were not accepted: " + run.tail())
            for turn in range(ARGS.n_kept + 1):
                time.sleep(1.3)             # not a "young" child
                since, old = run.shm.u32(8), run.procs()[1][0]
                t0 = now_ns()
                run.send(getattr(signal, "SIG" + peer["kept"]))
                # what is sent before the old one reads no more it would still answer
                if not run.wait_event(EV_TERM, since):
                    raise Fail("a restart did not begin: " + run.tail())
                for link in links:
                    link.sendall(b"?")
                answers = {link.recv(4, socket.MSG_WAITALL) for link in links}
                took = (now_ns() - t0) / 1e6
                if len(answers) != 1 or run.procs()[1] == [old] or not answers.pop():
                    raise Fail("a connection was not served by the next generation")
                if turn:
                    put("kept", peer["name"], "ms", took)
            for link in links:
                link.close()
        guarded("kept", peer, one)
        run.close()


# ---------------------------------------------------------------- report

def fmt(x):
    if x is None:
        return "–"
    if isinstance(x, float) and x != int(x):
        return "%.0f" % x if abs(x) >= 1000 else "%.1f" % x if abs(x) >= 100 else "%.2f" % x if abs(x) >= 1 else "%.3f" % x
    return "%d" % x


def cell(measure, name, metric, which="mmm"):
    s = stat(RAW.get(measure, {}).get(name, {}).get(metric, []))
    if not s:
        return "–"
    if which == "mm":
        return fmt(s["min"]) + " / " + fmt(s["median"])
    if which == "mmm":
        return " / ".join(fmt(s[k]) for k in ("min", "median", "max"))
    return fmt(s.get(which))


def table(head, rows):
    out = ["| " + " | ".join(head) + " |", "|" + "|".join(["---"] + ["---:"] * (len(head) - 1)) + "|"]
    return out + ["| " + " | ".join(r) + " |" for r in rows] + [""]


def count_of(measure, metric):
    ns = {len(v[metric]) for v in RAW.get(measure, {}).values() if metric in v}
    return "n = " + ("%d" % ns.pop() if len(ns) == 1 else "%d–%d" % (min(ns), max(ns))) if ns else "n = 0"


def per_restart(name):
    z = RAW.get("zero", {}).get(name, {})
    f = z.get("failed")
    return "–" if not f else fmt(sum(f) / len(f))


def markdown(env):
    names = [p["name"] for p in PEERS]
    have = lambda m, also=(): [n for n in names + list(also) if n in RAW.get(m, {})]
    L = ["# Process supervisors as PID 1: results", ""]
    L += ["%s, %s, kernel %s, load average %s at the start and %s at the end, "
          "CPUs %d %% busy and %d %% stolen by the host meanwhile; %s mode, %.0f s, %s." % (
        env["cpu"], "%d CPUs" % env["cpus"], env["kernel"], env["load_start"], env["load_end"],
        env["busy_pct"], env["steal_pct"], env["mode"], env["seconds"], env["date"]), ""]
    if env["stalls"]["n"]:
        L += ["The machine stood still %d times during the run (20 ms sleeps that took more than 200 ms), %.1f s in all, %.1f s at most: "
              "distrust the maxima." % (env["stalls"]["n"], env["stalls"]["total_s"], env["stalls"]["worst_s"]), ""]
    if env["before_others"]:
        L += ["All of it, peers and harness alike, ran before everything else of the machine (SCHED_RR): it was not quiet.", ""]
    L += ["Versions: " + ", ".join("%s %s" % kv for kv in env["versions"].items() if kv[1]) + ".", ""]
    L += ["All peers were interleaved in one run. Cells are min / median / max unless said otherwise. "
          "Compare rows of one run with each other, not numbers from different runs. "
          "`%s` is plain C with no supervisor and no namespace; `c-floor` is the smallest restarting PID 1 "
          "(helpers/cfloor.c), measured like every other peer." % LIMIT, ""]

    L += ["## Summary (medians where nothing else is said)", ""]
    rows = []
    for n in names + [LIMIT]:
        sig = cell("signal", n, "kill_us", "mm")
        if sig != "–":
            sig += " / " + cell("signal", n, "kill_us", "p99")
        elif cell("signal", n, "cli_us", "mm") != "–":
            sig = "CLI: " + cell("signal", n, "cli_us", "mm")
        grace = RAW.get("stop", {}).get(n, {}).get("graceful")
        stop = cell("stop", n, "ms", "mm") + ("" if not grace or all(grace) else " (not graceful)")
        reap_ = cell("reap", n, "total_ms", "median")
        if reap_ == "–" and RAW.get("reap", {}).get(n, {}).get("unfinished"):
            reap_ = "> %d s" % ARGS.reap_limit
        drain = cell("drain", n, "total_ms", "median")
        if n == LIMIT and RAW.get("reap", {}).get(n):
            drain = fmt(stat(RAW["reap"][n]["ns_per_zombie"])["median"] * ARGS.orphans / 1e6)
        elif drain == "–" and RAW.get("drain", {}).get(n, {}).get("unfinished"):
            drain = "> %d s" % ARGS.reap_limit
        minr = cell("restart", n, "min_old_ms", "median")
        default = cell("restart", n, "default_old_ms", "median")
        if default == "–" and RAW.get("restart", {}).get(n, {}).get("default_old_ms"):
            default = "> %d s" % ARGS.restart_limit
        rows.append([n, cell("start", n, "ms", "mm"), cell("memory", n, "pss", "median"),
                     cell("memory", n, "private", "median"), cell("memory", n, "threads", "median"),
                     cell("idle", n, "cpu_ms", "median"), sig, reap_, drain, default,
                     minr if minr != "–" else default, stop, cell("cli", n, "ms", "median"), per_restart(n),
                     cell("health", n, "cpu_ms", "median"), cell("ready", n, "ms", "median"), cell("kept", n, "ms", "median")])
    L += table(["peer", "start ms (min / median)", "PSS kB", "private kB", "threads", "idle CPU ms/%g s" % ARGS.idle_s, "signal µs (min / median / p99)",
                "reap %d ms" % ARGS.orphans, "drain %d ms" % ARGS.orphans, "restart ms, default", "restart ms, min",
                "stop ms (min / median)", "status CLI ms", "failed conn. per restart", "health check CPU ms",
                "first READY ms", "restart, %d kept ms" % ARGS.kept], rows)

    if have("start", [LIMIT]):
        L += ["## 1. Start: exec of PID 1 to the child's first instruction (ms)", "", count_of("start", "ms") + ".", ""]
        L += table(["peer", "ms"], [[n, cell("start", n, "ms")] for n in have("start", [LIMIT])])
    if have("memory") or have("idle"):
        L += ["## 2. Memory after %g s idle, and %g s of idling" % (ARGS.settle, ARGS.idle_s), "",
              "The supervisor's processes without the child. PSS depends on what else maps the same libraries "
              "(this harness is a Python process); private memory does not, but holds the file pages of "
              "programs that nobody else maps (all of a static program); dirty is what truly belongs to the supervisor. Memory is measured with the peer alone, "
              "idle CPU with %d copies of every peer at once." % ARGS.n_idle, ""]
        L += table(["peer", "PSS kB", "private kB", "of it dirty kB", "processes", "threads", "CPU ms", "wake-ups"],
                   [[n, cell("memory", n, "pss"), cell("memory", n, "private"),
                     cell("memory", n, "dirty", "median"), cell("memory", n, "processes", "median"),
                     cell("memory", n, "threads", "median"), cell("idle", n, "cpu_ms"), cell("idle", n, "wakeups")]
                    for n in names if n in have("memory") or n in have("idle")])
    if have("signal", [LIMIT]):
        L += ["## 3. Signal to the child's handler (µs)", "",
              "kill(PID 1) from outside (for s6 through its .s6-svscan/SIGUSR1 script), and through the peer's command-line tool. "
              "A peer without a kill column does not forward signals.", ""]
        L += table(["peer", "kill: min / median / max", "kill: p99", "sends", "lost", "CLI: min / median / max", "CLI sends"],
                   [[n, cell("signal", n, "kill_us"), cell("signal", n, "kill_us", "p99"), cell("signal", n, "kill_us", "n"),
                     fmt(sum(RAW["signal"][n].get("lost", [0]))) if "kill_us" in RAW["signal"][n] else "–",
                     cell("signal", n, "cli_us"), cell("signal", n, "cli_us", "n")] for n in have("signal", [LIMIT])])
    if have("reap") or have("drain"):
        L += ["## 4. Reap: %d orphans" % ARGS.orphans, "",
              "Burst: all orphans are released at once; time until no zombie is left (the kernel's own work of ending "
              "them is in it: see c-floor). Drain: PID 1 is stopped while they die, then continued: pure reaping speed. "
              "CPU is PID 1's own. Bare waitpid() loop in C: %s ns per zombie (min / median / max)." %
              cell("reap", LIMIT, "ns_per_zombie"), ""]
        L += table(["peer", "burst ms", "max zombies", "CPU ms", "drain ms", "drain CPU ms", "unfinished"],
                   [[n, cell("reap", n, "total_ms"), cell("reap", n, "max_zombies"), cell("reap", n, "cpu_ms"),
                     cell("drain", n, "total_ms"), cell("drain", n, "cpu_ms"),
                     "; ".join(NOTE.get("reap", {}).get(n, []) + NOTE.get("drain", {}).get(n, [])) or "–"]
                    for n in names if n in have("reap") or n in have("drain")])
    if have("restart", [LIMIT]):
        L += ["## 5. Restart: exit(1) to the next child's first instruction (ms)", "",
              "Old: the child had been up for 1.5 to 2.5 s. Young: for 0.2 s (where fixed delays and back-offs act). "
              "Min: the shortest delay the peer can be set to.", ""]
        L += table(["peer", "default, old", "default, young", "min, old", "min, young", "min is", "the peer's own delays", "remarks"],
                   [[n] + [cell("restart", n, k) for k in ("default_old_ms", "default_young_ms", "min_old_ms", "min_young_ms")] +
                    [LABEL.get(n, "–"), DELAY.get(n, "–"), "; ".join(NOTE.get("restart", {}).get(n, [])) or "–"] for n in have("restart", [LIMIT])])
    if RAW.get("storm"):
        L += ["## 6. Crash storm: a child that exits at once, for %g s" % ARGS.storm_s, "",
              "CPU is that of the supervisor's processes, not of the short-lived children.", ""]
        rows = []
        for n in sorted(RAW["storm"], key=lambda k: (next((i for i, p in enumerate(names) if k == p or k.startswith(p + " (")), 99), k)):
            d = RAW["storm"][n]
            g = d.get("gave_up", [])
            rows.append([n, cell("storm", n, "starts"), cell("storm", n, "cpu_ms"), cell("storm", n, "cpu_us_per_start", "median"), cell("storm", n, "dirty_growth_kb"),
                         cell("storm", n, "last_start_s", "max"), "yes, by %s s" % cell("storm", n, "gave_up_by_s", "median") if g and all(g) and "gave_up_by_s" in d else
                         "yes" if g and all(g) else "no" if not any(g) else "%d of %d" % (sum(g), len(g)),
                         "; ".join(NOTE.get("storm", {}).get(n, [])) or "–"])
        L += table(["peer", "starts", "CPU ms", "CPU µs per start", "private dirty growth kB", "last start at s", "gave up", "remarks"], rows)
    if have("stop", [LIMIT]):
        L += ["## 7. Stop: TERM to PID 1 until the namespace is gone (ms)", "",
              "The child exits at once on TERM. Graceful: the child did get TERM (else the kernel killed it).", ""]
        L += table(["peer", "gone", "TERM reaches the child", "graceful", "remarks"],
                   [[n, cell("stop", n, "ms"), cell("stop", n, "term_to_child_ms"),
                     "%d of %d" % (sum(RAW["stop"][n]["graceful"]), len(RAW["stop"][n]["graceful"])) if "graceful" in RAW["stop"][n] else "–",
                     "; ".join(NOTE.get("stop", {}).get(n, [])) or "–"] for n in have("stop", [LIMIT])])
    if have("cli", [LIMIT]):
        L += ["## 8. Status command (ms)", "", "`%s` is spawn to exit of a small static C program." % LIMIT, ""]
        L += table(["peer", "ms", "runs"], [[n, cell("cli", n, "ms"), cell("cli", n, "ms", "n")] for n in have("cli", [LIMIT])])
    if have("zero"):
        L += ["## 9. Connections lost per restart", "",
              "%d short connections a second on loopback, %d restarts asked. The server serves its accept queue before it exits. "
              "Control: failures in 0.4 s of load without a restart. Quiet: the longest connection of a load of the same length right after each "
              "restart; over it: the difference of each such pair." % (ARGS.rate, ARGS.n_zero), ""]
        rows = []
        for n in have("zero"):
            z = RAW["zero"][n]
            tot = lambda k: fmt(sum(z.get(k, [0])))
            rows.append([n, cell("zero", n, "failed"), per_restart(n), tot("failed"), tot("refused"), tot("reset"),
                         fmt(sum(sum(z.get(k, [])) for k in ("closed", "timeout", "other"))), tot("ok"), cell("zero", n, "outage_ms"),
                         cell("zero", n, "max_latency_ms"), cell("zero", n, "quiet_latency_ms"), cell("zero", n, "over_quiet_ms"),
                         cell("zero", n, "restart_ms", "median"), tot("control_failed"),
                         "; ".join(NOTE.get("zero", {}).get(n, [])) or "–"])
        L += table(["peer", "failed per restart", "mean", "failed in all", "refused", "reset", "other", "ok", "outage ms",
                    "longest connection ms", "quiet", "over it", "restart done ms", "control", "remarks"], rows)
    if have("health", [LIMIT]):
        L += ["## 10. Health check", "",
              "The peer's own command for one, by fork and exec in its namespace: CPU time of the command, and fork to exit. "
              "`%s` is `true`." % LIMIT, ""]
        L += table(["peer", "CPU ms", "ms", "runs"], [[n, cell("health", n, "cpu_ms"), cell("health", n, "ms"), cell("health", n, "ms", "n")]
                                                      for n in have("health", [LIMIT])])
    if have("ready"):
        L += ["## 11. First READY: exec of PID 1 until it is seen that the child has told readiness (ms)", "",
              "Seen by the peer's own command, asked again and again in its namespace. A peer that is not here cannot be told.", ""]
        L += table(["peer", "ms", "runs"], [[n, cell("ready", n, "ms"), cell("ready", n, "ms", "n")] for n in have("ready")])
    if have("kept"):
        L += ["## 12. Restart with %d kept connections (ms)" % ARGS.kept, "",
              "From the signal that asks for it until the successor has answered on each of them. A peer that is not here cannot keep any.", ""]
        L += table(["peer", "ms", "restarts"], [[n, cell("kept", n, "ms"), cell("kept", n, "ms", "n")] for n in have("kept")])
    L += ["## Peers", ""] + ["- %s: %s" % (p["name"], p.get("notes", "")) for p in PEERS]
    if SKIPPED:
        L += ["", "Not measured (not installed): " + ", ".join(SKIPPED) + "."]
    extra = ["%s, %s: %s" % (m, n, t) for m in ("start", "memory", "signal", "cli", "idle", "health", "ready", "kept") for n, l in NOTE.get(m, {}).items() for t in l]
    if extra:
        L += ["", "Remarks:", ""] + ["- " + e for e in extra]
    return "\n".join(L) + "\n"


# ---------------------------------------------------------------- main

def load_peers():
    peers = []
    for f in [os.path.join(HERE, "peers.json")] + ARGS.extra:
        with open(f) as h:
            got = json.load(h)
        for p in got if isinstance(got, list) else [got]:
            p["_dir"] = os.path.dirname(os.path.abspath(f))
            peers = [q for q in peers if q["name"] != p["name"]] + [p]
    for a in ARGS.add:
        name, cmd = a.split("=", 1)
        peers.append({"name": name, "launch": shlex.split(cmd), "restarts": False, "signal": "USR1", "notes": "from --add", "_dir": os.getcwd()})
    if ARGS.peers:
        unknown = set(ARGS.peers) - {p["name"] for p in peers}
        if unknown:
            sys.exit("no such peer: " + ", ".join(sorted(unknown)))
        peers = [p for p in peers if p["name"] in ARGS.peers]
    ok, skipped = [], []
    for p in peers:
        p.setdefault("restarts", False)
        missing = [n for n in p.get("needs", []) if not shutil.which(os.path.expandvars(n))]
        (skipped.append(p["name"]) if missing else ok.append(p))
    return ok, skipped


def version(p):
    if not p.get("version"):
        return None
    try:
        r = subprocess.run(p["version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=10, stdin=subprocess.DEVNULL)
        return r.stdout.strip().splitlines()[0] if r.returncode == 0 and r.stdout.strip() else None
    except (OSError, subprocess.TimeoutExpired):
        return None


def scratch():
    """A directory for sockets, FIFOs and scripts: in memory if that can hold programs."""
    for d in (os.environ.get("BENCH_TMP"), "/dev/shm", tempfile.gettempdir()):
        if d and os.path.isdir(d) and os.access(d, os.W_OK) and not os.statvfs(d).f_flag & os.ST_NOEXEC:
            return tempfile.mkdtemp(prefix="supbench-", dir=d)
    sys.exit("no directory for temporary files that can hold programs; set BENCH_TMP")


def main():
    global ARGS, T0, TMP, BIN, BUILD, CHILD, CHILD_ID, PEERS, SKIPPED, LABEL, DELAY
    csv = lambda s: [x for x in s.split(",") if x]
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--quick", action="store_true", help="few repetitions, short windows (under 90 s)")
    ap.add_argument("--peers", type=csv, default=[], help="only these, comma separated")
    ap.add_argument("--measures", type=csv, default=MEASURES, help="only these: " + ",".join(MEASURES))
    ap.add_argument("--extra", action="append", default=[], metavar="FILE", help="JSON with more peers (as peers.json)")
    ap.add_argument("--add", action="append", default=[], metavar="NAME=CMD", help="one more peer by its command; {child...} is the child command")
    ap.add_argument("--out", default=os.path.join(HERE, "results"), help="folder for the results")
    ap.add_argument("--name", default=None, help="base name of the results (peers, or quick with --quick)")
    ap.add_argument("--max-seconds", type=float, default=465, help="plan for this long: a noisy machine gets fewer rounds, not a longer run")
    ap.add_argument("--wait-quiet", type=float, default=0, metavar="S", help="wait up to S seconds for a quiet machine first (not counted)")
    ap.add_argument("--before-others", action="store_true",
                    help="all of the run, peers alike, before everything else of the machine (SCHED_RR), where that is never quiet")
    ap.add_argument("--keep", action="store_true", help="keep the temporary folder")
    ap.add_argument("--list", action="store_true", help="list the peers and exit")
    for n, full, quick in (("n-start", 10, 2), ("n-stop", 8, 2), ("n-memory", 3, 1), ("n-signal", 100, 200), ("n-cli", 8, 5), ("n-idle", 3, 1),
                           ("n-reap", 3, 1), ("n-drain", 2, 1), ("n-restart", 5, 1), ("n-storm", 3, 1), ("n-zero", 20, 2), ("n-ready", 10, 2),
                           ("n-kept", 10, 2), ("kept", 100, 100), ("orphans", 10000, 2000),
                           ("reap-limit", 6, 2), ("restart-limit", 6, 3), ("rate", 2000, 2000)):
        ap.add_argument("--" + n, type=int, default=None, help="default %d, quick %d" % (full, quick))
        ap.set_defaults(**{"_" + n.replace("-", "_"): (full, quick)})
    for n, full, quick in (("settle", 2.0, 0.6), ("idle-s", 10.0, 3.0), ("storm-s", 10.0, 3.0)):
        ap.add_argument("--" + n, type=float, default=None, help="default %g, quick %g" % (full, quick))
        ap.set_defaults(**{"_" + n.replace("-", "_"): (full, quick)})
    ARGS = ap.parse_args()
    for k, v in list(vars(ARGS).items()):
        if k.startswith("_") and getattr(ARGS, k[1:]) is None:
            setattr(ARGS, k[1:], v[1 if ARGS.quick else 0])
    bad = set(ARGS.measures) - set(MEASURES)
    if bad:
        sys.exit("no such measure: " + ", ".join(sorted(bad)))
    ARGS.name = ARGS.name or ("quick" if ARGS.quick else "peers")
    PEERS, SKIPPED = load_peers()
    DELAY = {p["name"]: p["delay"] for p in PEERS if "delay" in p}
    LABEL = {p["name"]: p["configs"]["min"].get("label", "min") for p in PEERS if "min" in p.get("configs", {})}
    if ARGS.list:
        for p in PEERS:
            print("%-18s restarts=%-5s %s" % (p["name"], p["restarts"], p.get("notes", "")))
        for n in SKIPPED:
            print("%-18s not installed" % n)
        return
    if os.geteuid() != 0:
        sys.exit("this needs root (unshare --pid)")
    BUILD = build = os.environ.get("BENCH_BUILD", os.path.join(HERE, ".build"))
    lock = open(os.path.join(build, "lock"), "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit("another run is under way")
    T0 = now()
    TMP = scratch()
    BIN = os.path.join(TMP, "bin")
    os.mkdir(BIN)
    for f in ("child", "stamp", "sigbench", "spawnt", "zwatch", "limits", "cfloor", "load"):
        shutil.copy2(os.path.join(build, f), BIN)
    CHILD = os.path.join(BIN, "child")
    st = os.stat(CHILD)
    CHILD_ID = (st.st_dev, st.st_ino)
    signal.signal(signal.SIGTERM, lambda *a: sys.exit(143))

    if ARGS.before_others:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    if ARGS.wait_quiet:
        wait_quiet(ARGS.wait_quiet)
        T0 = now()
    global STALLS
    STALLS = stalls = Stalls()
    stalls.start()
    stat0 = cpu_stat()
    env = {"date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%MZ"),
           "kernel": platform.release(), "cpus": len(os.sched_getaffinity(0)),
           "cpu": next((l.split(":")[1].strip() for l in read("/proc/cpuinfo").splitlines() if l.startswith("model name")), platform.machine()),
           "load_start": " ".join(read("/proc/loadavg").split()[:3]), "mode": "quick" if ARGS.quick else "full",
           "before_others": ARGS.before_others,
           "python": platform.python_version(),
           "versions": {p["name"]: version(p) for p in PEERS}}
    for what, fn in ((("start",), m_start), (("stop",), m_stop), (("memory", "signal", "cli"), m_memory_signal_cli), (("idle",), m_idle),
                     (("reap",), lambda: reap("reap")), (("drain",), lambda: reap("drain")), (("restart",), m_restart),
                     (("storm",), m_storm), (("zero",), m_zero), (("ready",), m_ready), (("health",), m_health), (("kept",), m_kept)):
        if any(m in ARGS.measures for m in what):
            log("measuring " + ", ".join(what))
            set_deadline(what[0])
            fn()
    env["load_end"] = " ".join(read("/proc/loadavg").split()[:3])
    busy, steal, total = (b - a for a, b in zip(stat0, cpu_stat()))
    env["busy_pct"], env["steal_pct"] = round(100 * busy / total), round(100 * steal / total)
    env["stalls"] = {"n": stalls.n, "total_s": round(stalls.total, 2), "worst_s": round(stalls.worst, 2)}
    env["seconds"] = round(now() - T0, 1)
    params = {k: v for k, v in vars(ARGS).items() if k.startswith("n_") or k in ("kept", "orphans", "reap_limit", "restart_limit", "rate", "settle", "idle_s", "storm_s")}
    res = {"env": env, "params": params, "notes": NOTE,
           "peers": [{k: v for k, v in p.items() if not k.startswith("_")} for p in PEERS],
           "stats": {m: {n: {k: stat(v) for k, v in d.items()} for n, d in ps.items()} for m, ps in RAW.items()},
           "raw": {m: {n: {k: [x if x is None else round(x, 4) for x in v] for k, v in d.items()} for n, d in ps.items()} for m, ps in RAW.items()}}
    md = markdown(env)
    os.makedirs(ARGS.out, exist_ok=True)
    base = os.path.join(ARGS.out, ARGS.name)
    with open(base + ".json", "w") as f:
        json.dump(res, f, indent=1, sort_keys=True)
        f.write("\n")
    with open(base + ".md", "w") as f:
        f.write(md)
    print(md)
    log("written: %s.md and .json" % os.path.relpath(base))


if __name__ == "__main__":
    main()
