"""The daemon of the conformance suite on the Python client; see README.md."""
import os
import signal
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "python"))
import soleinit            # noqa: E402
import soleinit_handover   # noqa: E402


def say(*words):
    print(*words, flush=True)


class Daemon:
    def __init__(self):
        self.client = soleinit.Client()
        self.client.on_reload = self.reload
        self.client.on_resume = self.resume
        self.open = {}
        self.value = None
        self.fails = False

    def reload(self, generation):
        if self.fails:
            raise RuntimeError("it is to fail")
        say("reloaded", generation)

    def resume(self, candidate):
        if candidate.id.startswith("fails"):
            raise RuntimeError("it is to fail")
        say("resumed", candidate.id, candidate.checkpoint, candidate.attempt)

    def begin(self, id, running=True):
        try:
            self.open[id] = self.client.begin("task", id, "conformance", running)
            say("begun", id)
        except soleinit.RestartingError:
            say("restarting", id)
        except ValueError:
            say("invalid", len(id))

    def burst(self, count):
        started = time.monotonic()
        for i in range(int(count)):
            with self.client.begin("task", f"burst-{i}"):
                pass
        say("burst", round((time.monotonic() - started) * 1000))

    def fork(self):
        child = os.fork()
        if child == 0:
            with self.client.begin("task", "of-the-child"):
                os._exit(0 if not self.client.supervised else 1)
        say("forked", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

    def obey(self, line):
        word, *rest = line.rstrip("\n").split(" ", 2)
        if word == "begin":
            self.begin(rest[0])
        elif word == "queue":
            self.begin(rest[0], False)
        elif word == "end":
            self.open.pop(rest[0]).end()
            say("ended", rest[0])
        elif word == "checkpoint":
            self.open[rest[0]].checkpoint(rest[1])
            say("checkpointed", rest[0])
        elif word == "state":
            self.value = rest[0]
            say("state", self.value)
        elif word == "burst":
            self.burst(rest[0])
        elif word == "fork":
            self.fork()
        elif word == "fail-reload":
            self.fails = True
            say("fail-reload")
        else:
            say("unsupported", word)

    def serve(self, listener):
        while True:
            connection, _ = listener.accept()
            connection.sendall(b"kept\n")
            connection.close()

    def run(self):
        threading.Thread(target=self.stop, daemon=True).start()
        if "fail" in sys.argv[1:]:
            self.client.failed("it is to fail")
            self.client.shutdown()
            return 1
        found = self.client.state("conformance", lambda: {"value": self.value})
        self.value = found.value["value"] if found.value else None
        say("restored", self.value if found.value else "failed" if found.failure else "none")
        for name, listener in soleinit_handover.kept_sockets():
            say("kept", name)
            threading.Thread(target=self.serve, args=(listener,), daemon=True).start()
        self.client.ready()
        for line in sys.stdin:
            self.obey(line)
        return 0

    def stop(self):
        signal.sigwait({signal.SIGTERM})
        self.client.shutdown()
        os._exit(0)


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})      # for the thread that waits for it
    sys.exit(Daemon().run())
