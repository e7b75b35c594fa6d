"""Sessions at the reference daemon while faults happen, and what has become of each."""
import http.client
import threading
import time

import kernel

LONG = 60_000
# A session that began so short a time before its daemon died may not have been told of yet.
UNTOLD = 0.3


class Session:
    def __init__(self, name, millis):
        self.name = name
        self.millis = millis
        self.result = "open"
        self.ended = None


class Sessions:
    """The clients of one step. Short ones come at a steady rate, long ones stay for the whole step."""

    def __init__(self, world, watch, label):
        self.world = world
        self.watch = watch
        self.label = label
        self.all = []
        self.over = threading.Event()
        self.threads = []
        self.source = None
        self.cuts = False
        # from when on nothing may be told of
        self.silent_from = None

    def begin(self, chance, rate=12, long_ones=0):
        for number in range(long_ones):
            self.post("L%s-%d" % (self.label, number), LONG)
        self.source = threading.Thread(target=self.short_ones, daemon=True,
                                       args=(chance.randrange(1 << 30), rate))
        self.source.start()

    def short_ones(self, number, rate):
        while not self.over.wait(1 / rate):
            number += 1
            self.post("S%s-%d" % (self.label, number % 100_000), 100 + number * 7919 % 900)

    def post(self, name, millis):
        session = Session(name, millis)
        self.all.append(session)
        thread = threading.Thread(target=self.ask, args=(session,), daemon=True)
        thread.start()
        self.threads.append(thread)

    def ask(self, session):
        result = self.answer(session)
        session.ended = time.monotonic()
        session.result = result

    def answer(self, session):
        connection = http.client.HTTPConnection("127.0.0.1", self.world.port, timeout=100)
        try:
            connection.request("POST", "/sessions?ms=%d&id=%s" % (session.millis, session.name))
            code = connection.getresponse().status
            return {200: "ended", 503: "refused aloud"}.get(code, "answered %d" % code)
        except ConnectionRefusedError:
            return "refused"
        except (OSError, http.client.HTTPException):
            return "cut"
        finally:
            connection.close()

    def may_cut(self):
        """To be said before something that may cut sessions."""
        self.cuts = True

    def is_silent_now(self):
        """To be said before the daemon is stopped in a way that it can tell nothing."""
        self.is_silent_since(time.monotonic())

    def is_silent_since(self, instant):
        self.cuts = True
        self.silent_from = self.silent_from or instant

    def finish(self):
        """Waits for the short ones; the long ones go on."""
        self.over.set()
        if self.source:
            self.source.join()
        for thread, session in zip(self.threads, list(self.all)):
            if session.millis < LONG:
                thread.join(kernel.bound(20))

    def judge(self, run, killed, down):
        """Each admitted one ended, goes on, or is named; but for a SIGKILL of PID 1."""
        open_now = set(self.world.open_work())
        for session in self.all:
            short = session.millis < LONG
            if short or session.result != "open":
                run.count("sessions " + session.result)
            if session.result == "refused":
                run.require(down, "nobody is refused at a kept socket", session.name)
            elif session.result == "cut":
                self.judge_cut(run, session, killed, down, open_now)
            elif short and session.result == "open":
                run.violation("a session is answered within 20 s", session.name)
            elif session.result.startswith("answered"):
                run.violation("a session is answered with 200 or 503", session.result)

    def judge_cut(self, run, session, killed, down, open_now):
        where = "session %s of %d ms" % (session.name, session.millis)
        since = self.watch.open_since.get(session.name)
        told_by = min(session.ended, self.silent_from or session.ended) \
            - UNTOLD * kernel.slack()
        if not run.require(self.cuts or down, "nothing is cut where nothing may cut", where):
            return
        if session.name in open_now or session.name in self.watch.resumed_since(session.ended):
            run.count("sessions resumed")
        elif self.watch.is_named(session.name):
            run.count("sessions named")
        elif killed:
            run.count("sessions lost with a killed PID 1")
        elif since is None or since > told_by:
            run.count("sessions cut as they began")
        else:
            run.violation("a session that was cut is resumed, or named in manifest, journal or log",
                          "%s, admitted %.2f s before; open is %s" % (
                              where, session.ended - since, sorted(open_now)))
