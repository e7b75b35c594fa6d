"""Negative controls: the Python client with one thing broken, `broken.py WHAT`; one scenario fails over it."""
import signal
import sys

import daemon
import soleinit

Client, Work = soleinit.Client, soleinit.Work
say, told_to, hear, begin, report = Client._say, Client._told_to, Client._hear, Client.begin, Client._report


def silent(*methods):
    def quiet(self, method, params, id=None):
        return None if method in methods else say(self, method, params, id)
    Client._say = quiet


def deaf(*methods):
    def hear_not(self, method, params, id):
        return self._write({"jsonrpc": "2.0", "id": id, "result": {}}) if method in methods else told_to(
            self, method, params, id)
    Client._told_to = hear_not


def mute(self, method, params, id):
    self._write = lambda message=None: None
    told_to(self, method, params, id)


def stubborn(self, message):
    if message.get("id") == 0 and "method" not in message:
        message = {"id": 0, "result": {}} if "error" not in message else {**message, "error": {"code": -32000}}
    hear(self, message)


def forgetful(self):
    self._open, kept = {}, self._open
    report(self)
    self._open = kept


def drained_at_once(self, method, params, id):
    told_to(self, method, params, id)
    if method == "drain":
        self._say("drained", {})


BREAKS = {
    "begin": lambda: silent("work.begin"), "end": lambda: silent("work.end"), "ready": lambda: silent("ready"),
    "failed": lambda: silent("failed"), "drained": lambda: silent("drained"), "fence": lambda: deaf("fence"),
    "drain": lambda: deaf("drain"), "unfence": lambda: deaf("unfence"), "reload": lambda: deaf("reload"),
    "stopping": lambda: deaf("stopping"), "confirm": lambda: silent("resume.confirm"),
    "answer": lambda: setattr(Client, "_told_to", mute),
    "early": lambda: setattr(Client, "_told_to", drained_at_once),
    "refusal": lambda: setattr(Client, "_hear", stubborn), "report": lambda: setattr(Client, "_report", forgetful),
    "version": lambda: setattr(soleinit, "PROTOCOL", 3), "checkpoint": lambda: setattr(Work, "_item", lambda self: {
        "kind": self.kind, "id": self.id, "description": self.description, "running": self.running}),
    "ids": lambda: setattr(soleinit, "_length", lambda text: 1),
    "state": lambda: setattr(Client, "_save", lambda _: None),
    "overlap": lambda: setattr(Client, "_leave", lambda self, answer, draining, before: (
        self._fence(True, draining), self._write(answer))),
    "resume": lambda: deaf("resume"),
    "fork": lambda: setattr(Client, "_forked", lambda _: None),
}

if __name__ == "__main__":
    BREAKS[sys.argv.pop(1)]()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    sys.exit(daemon.Daemon().run())
