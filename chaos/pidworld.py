"""A supervisor as PID 1 of a namespace of its own."""
import os
import subprocess
import threading

import kernel
from kernel import within
from world import HOME, World


class PidWorld(World):
    """A PID namespace of its own, without Docker; standard error is a pipe that is read here."""

    in_docker = False
    kind = "pid"

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.process = None
        self.reads = threading.Event()
        self.reads.set()
        self.pipe = None

    def start(self, *more):
        reader, writer = os.pipe()
        self.pipe = writer
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "unshare", "--pid", "--fork", "--mount-proc",
             "--kill-child", HOME + "/bin/entrypoint", *more, *self.arguments],
            stdin=subprocess.DEVNULL, stdout=writer, stderr=writer)
        threading.Thread(target=self.copy_log, args=(reader,), daemon=True).start()
        parent = self.process.pid
        self.pid1 = within(5, lambda: next(iter(kernel.children(parent)), 0), 0.0005) or 0
        self.entered()

    def copy_log(self, reader):
        with open(self.path("log"), "ab", buffering=0) as log:
            while True:
                self.reads.wait()
                part = os.read(reader, 65536)
                if not part:
                    break
                log.write(part)
        os.close(reader)

    def fill_pipe(self):
        """What is in it belongs to nobody: newlines."""
        os.set_blocking(self.pipe, False)
        try:
            while True:
                os.write(self.pipe, b"\n" * 4096)
        except BlockingIOError:
            pass
        os.set_blocking(self.pipe, True)

    def await_gone(self, seconds):
        gone = super().await_gone(seconds)
        if gone and self.process:
            self.process.wait()
            if self.pipe is not None:
                os.close(self.pipe)
                self.pipe = None
        return gone

    def exit_code(self):
        return self.process.returncode

    def command(self, words):
        return [HOME + "/bin/daemon", *words]

    def log(self):
        return kernel.read(self.path("log"))

    def close(self):
        self.reads.set()
        if self.is_alive():
            self.kill_pid1()
