"""Client for daemons that run under soleinit; a quiet no-op where there is no supervisor.

    client = soleinit.Client()
    with client.begin("session", "s1", "a session"):    # RestartingError while a restart is near
        ...

One thread speaks with the supervisor. What is said never waits for it; a lost connection is made again, and all
open work told anew. Everything may be called from any thread and from coroutines; handlers run on threads of their
own, coroutine functions on the loop on which the client was made.
"""
from __future__ import annotations

import asyncio
import inspect
import json
import logging
import os
import select
import socket
import threading
import time
from contextlib import AbstractAsyncContextManager, AbstractContextManager, suppress
from typing import TYPE_CHECKING, Any, Callable, Dict, List, MutableMapping, NamedTuple, Optional, Tuple

if TYPE_CHECKING:
    from soleinit_handover import Restored, StateStore

PROTOCOL = 1
LOG = logging.getLogger("soleinit")
Message = Dict[str, Any]
_LONGEST_ID, _LONGEST_CHECKPOINT, _LONGEST_LINE, _PATIENCE, _BUSY = 128, 4096, 1 << 20, 10.0, -32000
_SETTLE = 0.1                                   # so long what has been accepted may take to begin
_MOST_WAITING, _REPORT = 8 << 20, 256 << 10     # bytes for a supervisor that does not read; of one work.report


class RestartingError(RuntimeError):
    """New work is refused: the daemon is about to restart."""


class Candidate(NamedTuple):
    """Work that an earlier generation had taken on and not ended."""
    id: str
    kind: str
    description: str
    running: bool
    checkpoint: Optional[str]
    generation: int
    deadline: str
    attempt: int


class Work(AbstractContextManager["Work"], AbstractAsyncContextManager["Work"]):
    """A piece of work that was admitted; as a (synchronous or asynchronous) context manager, it ends itself."""
    def __init__(self, client: Client, kind: str, id: str, description: str, running: bool) -> None:
        self._client, self.kind, self.id, self.description = client, kind, id, description
        self.running, self.last_checkpoint = running, None  # type: bool, Optional[str]

    def checkpoint(self, text: str) -> None:
        """Says where to go on, should this be interrupted; 4,096 characters at the most."""
        if _length(text) > _LONGEST_CHECKPOINT:
            raise ValueError(f"a checkpoint has {_LONGEST_CHECKPOINT} characters at the most")
        self.last_checkpoint = text
        self._client._changed(self, False)

    def run(self) -> None:
        """Queued work runs from now on; refused while fenced, and then it stays queued."""
        self._client._changed(self, True)

    def end(self) -> None:
        """It has ended; a second time does nothing."""
        self._client._ended(self)

    def __exit__(self, *_: object) -> None:
        self.end()

    async def __aexit__(self, *_: object) -> None:
        self.end()

    def _item(self) -> Message:
        return {"kind": self.kind, "id": self.id, "description": self.description, "running": self.running,
                **({} if self.last_checkpoint is None else {"checkpoint": self.last_checkpoint})}


class Client:
    """The daemon's side of the protocol. It attaches at once, and takes the token out of the environment, so
    that no program that the daemon starts takes its place; in a forked child it is a no-op (see attach)."""

    def __init__(self, environment: Optional[MutableMapping[str, str]] = None) -> None:
        given = os.environ if environment is None else environment
        self._token, run_dir = given.pop("DAEMON_TOKEN", ""), given.get("DAEMON_RUN_DIR", "")
        self._path, self.supervised = os.path.join(run_dir, "control.sock"), False
        self.generation = int(given.get("DAEMON_GENERATION", "") or 0)
        drain, state_dir = given.get("DAEMON_DRAIN_TIMEOUT", "")[:-2], given.get("DAEMON_STATE_DIR", "")
        self._drain_timeout = int(drain) / 1000 if drain.isdigit() else 5.0
        self._state_dir = os.path.join(state_dir, "handover") if state_dir else ""
        self.on_fence: Optional[Callable[[bool], Any]] = None     # told whether new work is refused
        self.on_reload: Optional[Callable[[int], Any]] = None     # told, fenced, the generation to be; may raise
        # told of interrupted work once ready, one piece at a time, 10 s each; what raises leaves it to the next
        self.on_resume: Optional[Callable[[Candidate], Any]] = None
        self._loop = asyncio._get_running_loop()
        self._fresh()
        os.register_at_fork(after_in_child=self._forked)
        if run_dir:
            self.attach()

    def _fresh(self) -> None:                   # what belongs to one process alone
        self._lock = threading.RLock()          # a signal handler may interrupt its own thread's begin()
        self._idle = threading.Condition(self._lock)
        self._open: Dict[str, Work] = {}
        self.active, self.fenced, self.attached = 0, False, False
        self._states: List[Tuple[StateStore, Callable[[], Message]]] = []
        self._ready = self._draining = self._told = self._abandoned = self._closed = False
        self._flushing = self._resuming = False
        self._leaver: Optional[threading.Thread] = None     # there is one while the next generation serves beside this
        self._sock: Optional[socket.socket] = None
        self._out, self._last_id, self._unconfirmed = bytearray(), 0, []  # type: bytearray, int, List[str]
        self._answers: Dict[int, Message] = {}

    def attach(self) -> None:
        """Attaches this process, if no client of it is; for a forked child that is to take its parent's place."""
        if self._token and not self.supervised and not self._closed:
            self.supervised = True
            self._wake, self._woken = socket.socketpair()
            self._wake.setblocking(False)
            threading.Thread(target=self._run, name="soleinit", daemon=True).start()

    def _forked(self) -> None:                  # in a child: the connection is the parent's
        for inherited in filter(None, (self._sock, self._wake, self._woken) if self.supervised else ()):
            inherited.close()
        self.supervised = False
        self._fresh()

    # ---- work

    def begin(self, kind: str, id: str, description: str = "", running: bool = True) -> Work:
        """Admits a piece of work: RestartingError while fenced, ValueError for no id and for one that is open.
        Work that is not running only waits: no restart waits for it, but the next generation gets it."""
        if not id.strip() or _length(id) > _LONGEST_ID:
            raise ValueError(f"an id of work has 1 to {_LONGEST_ID} characters, not {len(id)}")
        with self._lock:
            if self.fenced:
                raise RestartingError("restarting, try again shortly")
            if id in self._open:
                raise ValueError(f"work with the id {id!r} is open already")
            work = self._open[id] = Work(self, kind, id, description[:80], running)
            self.active += running
            self._say("work.begin", work._item())
        return work

    def _changed(self, work: Work, run: bool) -> None:
        with self._lock:
            if run and self.fenced and not work.running:
                raise RestartingError("restarting, try again shortly")
            if self._open.get(work.id) is work:
                self.active += run and not work.running
                work.running |= run
                self._say("work.begin", work._item())

    def _ended(self, work: Work) -> None:
        with self._lock:
            # what ends because it was interrupted has not ended: the next generation may resume it
            if not self._abandoned and self._open.get(work.id) is work:
                self.active -= self._open.pop(work.id).running
                self._say("work.end", {"id": work.id})
                if work.running:
                    self._tell_if_drained()

    def _tell_if_drained(self) -> None:
        if (self.fenced or self._leaver) and self.active == 0:
            if self._draining:
                self._say("drained", {})
            self._idle.notify_all()

    def _fence(self, fenced: bool, draining: bool = False) -> None:
        with self._lock:
            changed, self.fenced, self._draining = self.fenced != fenced, fenced, draining
            self._tell_if_drained()
        if changed and self.on_fence and not self._leaver:
            threading.Thread(target=self._call, args=(self.on_fence, fenced), daemon=True).start()

    def _leave(self, answer: Message, draining: bool, before: Optional[threading.Thread]) -> None:
        """The next generation serves beside this one: accepts no more, lets begin what it has accepted, and then
        refuses. Who cannot stop accepting (no on_fence) refuses nobody, and is stopped once it is idle."""
        if before:                              # the drain comes right behind the fence
            before.join()
        elif self.on_fence:
            self._call(self.on_fence, True)
            time.sleep(_SETTLE)
        self._fence(bool(self.on_fence), draining)
        self._write(answer)

    def drain(self, timeout: float) -> List[Work]:
        """Refuses new work and waits for what runs; returns what still does when the time is over."""
        self._fence(True, self._draining)
        with self._lock:
            self._idle.wait_for(lambda: self.active == 0, timeout)
            return [work for work in self._open.values() if work.running]

    # ---- what the daemon says

    def ready(self) -> None:
        """It serves; what it was given of its state is its own now."""
        for store, _ in self._states:
            store.confirm()
        with self._lock:
            self._ready = True
            self._say("ready", {"generation": self.generation})
        self._start_resuming()

    def failed(self, reason: str) -> None:
        with self._lock:
            self._idle.wait_for(lambda: self.attached or not self.supervised, 1.0)
        self._say("failed", {"reason": reason})

    def state(self, name: str, snapshot: Callable[[], Message], directory: str = "") -> Restored:
        """What the last generation left by this name; snapshot gives what this one will leave. Nothing is kept
        where there is no state directory."""
        from soleinit_handover import Restored, StateStore
        if not (directory or self._state_dir):
            return Restored()
        store = StateStore(os.path.join(directory or self._state_dir, name))
        self._states = [one for one in self._states if one[0].path != store.path] + [(store, snapshot)]
        return store.load()

    def shutdown(self, timeout: Optional[float] = None) -> List[Work]:
        """The orderly end: fence, drain, snapshot of the state. What it returns counts as interrupted."""
        # who was told of the stop beforehand has had the time
        self.drain((0 if self._told else self._drain_timeout) if timeout is None else timeout)
        with self._lock:
            self._abandoned, left = True, list(self._open.values())
        self._save()
        until = time.monotonic() + 0.5
        while self.attached and self._out and time.monotonic() < until:
            time.sleep(0.001)
        self._closed = True
        with suppress(OSError, AttributeError):
            self._wake.send(b"x")
        return left

    def _save(self) -> None:
        for store, snapshot in self._states:
            self._call(lambda _: store.save(snapshot(), self.generation), None)

    # ---- what the daemon does when it is told

    def _call(self, handler: Optional[Callable[[Any], Any]], argument: Any) -> Optional[str]:
        """Why the handler failed; None if it did not."""
        try:
            result = handler and handler(argument)
            if inspect.iscoroutine(result) and self._loop is not None:
                asyncio.run_coroutine_threadsafe(result, self._loop).result()
            return None
        except Exception as failed:
            LOG.error("a handler failed: %s", str(failed) or repr(failed))
            return str(failed) or repr(failed)

    def _reload(self, generation: int) -> None:
        self.drain(self._drain_timeout)
        self._save()
        failure = self._call(self.on_reload, generation)
        self.generation = self.generation if failure else generation
        self._fence(False)
        self._ready = True
        self.failed(failure) if failure else self.ready()

    def _start_resuming(self) -> None:
        with self._lock:
            if self.on_resume and self._ready and self.attached and not self._resuming:
                self._resuming = True
                threading.Thread(target=self._hand_over, name="soleinit-resume", daemon=True).start()

    def _hand_over(self) -> None:
        try:
            while True:
                while self._unconfirmed:
                    self._ask("resume.confirm", {"id": self._unconfirmed[0]})
                    del self._unconfirmed[0]
                fields = self._ask("resume.claim", {}).get("candidate")
                if fields is None:
                    break
                one, ends = Candidate(*map(fields.get, Candidate._fields)), []  # type: Any, List[Any]
                taken = threading.Thread(target=lambda: ends.append(self._call(self.on_resume, one)))
                taken.daemon = True
                taken.start()
                taken.join(_PATIENCE)
                if ends == [None]:
                    self._unconfirmed.append(one.id)
        except OSError as lost:                 # the next connection goes on
            LOG.info("interrupted work cannot be resumed now: %s", lost)
        self._resuming = False

    def _ask(self, method: str, params: Message) -> Message:
        with self._lock:
            asked = self._last_id = self._last_id + 1
            self._say(method, params, asked)
            self._idle.wait_for(lambda: asked in self._answers or not self.attached, _PATIENCE)
            answer = self._answers.pop(asked, {"error": "the supervisor does not answer"})
        if "result" not in answer:
            raise OSError(answer.get("error"))
        return dict(answer["result"])

    # ---- the connection

    def _say(self, method: str, params: Message, id: Optional[int] = None) -> None:
        if self.attached:
            self._write({"jsonrpc": "2.0", "method": method, "params": params, **({} if id is None else {"id": id})})

    def _write(self, message: Optional[Message] = None) -> None:
        with self._lock:
            self._out += b"" if message is None else json.dumps(message).encode() + b"\n"
            if len(self._out) > _MOST_WAITING and self._sock is not None:
                self._sock.shutdown(socket.SHUT_RDWR)   # a new connection tells everything at once
            elif not self._flushing:            # a signal handler in the midst of it only appends
                self._flush()

    def _flush(self) -> None:
        """At once, so that the kernel has it even if the daemon is killed now; never waits."""
        self._flushing = True
        try:
            while self._out and self._sock is not None:
                del self._out[:self._sock.send(self._out[:], socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)]
        except BlockingIOError:                 # the thread that reads goes on with it
            with suppress(OSError):
                self._wake.send(b"x")
        except OSError:                         # the thread that reads finds out
            self._out.clear()
        finally:
            self._flushing = False

    def _run(self) -> None:
        while not self._closed and self.supervised:
            try:
                with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
                    sock.setblocking(False)
                    # while the supervisor stands still the kernel keeps what is said, beyond our death, too
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
                    sock.connect(self._path)
                    self._converse(sock)
            except Exception as lost:           # also what is no JSON, or no message
                LOG.info("no connection to the supervisor: %s", lost)
            with self._lock:
                self.attached, self._sock, self._out = False, None, bytearray()
                self._idle.notify_all()
            select.select([self._woken], [], [], 0 if self._closed else 0.5)

    def _converse(self, sock: socket.socket) -> None:
        self._sock = sock
        self._write({"jsonrpc": "2.0", "id": 0, "method": "attach", "params": {
            "token": self._token, "generation": self.generation, "protocol": PROTOCOL}})
        line = b""
        while not self._closed:
            readable, writable, _ = select.select([sock, self._woken], [sock] if self._out else [], [])
            if self._woken in readable:
                self._woken.recv(4096)
            if writable:
                self._write()
            if sock in readable:
                got = sock.recv(65536)
                *lines, line = (line + got).split(b"\n")
                for each in lines:
                    self._hear(json.loads(each))
                if not got or len(line) > _LONGEST_LINE:
                    return

    def _hear(self, message: Message) -> None:
        if "method" in message:
            self._told_to(message["method"], message.get("params") or {}, message["id"])
        elif message["id"] != 0:
            with self._lock:
                self._answers[message["id"]] = message
                self._idle.notify_all()
        elif message.get("result", {}).get("protocol", PROTOCOL) != PROTOCOL or "error" in message:
            if message.get("error", {}).get("code") != _BUSY:
                # another protocol, an older generation, or not this daemon's supervisor
                LOG.warning("going on without the supervisor: %s", message)
                self.supervised = False
                self._fence(False)
            raise OSError("not accepted")
        else:
            self._report()

    def _report(self) -> None:
        with self._lock:
            self.attached = True
            room, items, rest = _REPORT, [], []  # type: int, List[Any], List[Any]
            for work in self._open.values():
                room -= len(json.dumps(work._item()))
                (items if room > 0 else rest).append(work._item())
            self._idle.notify_all()
            self._say("work.report", {"items": items})
            for item in rest:
                self._say("work.begin", item)
            if self._ready:
                self._say("ready", {"generation": self.generation})
        self._start_resuming()

    def _told_to(self, method: str, params: Message, id: int) -> None:
        answer: Message = {"jsonrpc": "2.0", "id": id, "result": {}}
        if method in ("fence", "unfence", "drain", "stopping"):
            self._told |= method == "stopping"
            if method in ("fence", "drain") and (self._leaver or params.get("reason") == "overlap"):
                follows = self._leaver
                self._leaver = threading.Thread(target=self._leave, daemon=True,
                                                args=(answer, method == "drain", follows))
                self._leaver.start()
                return
            if method == "unfence":
                self._leaver = None
            if not self._leaver:
                self._fence(method != "unfence", method == "drain")
        elif method == "resume":
            self._start_resuming()
        elif method == "reload" and not self.on_reload:
            del answer["result"]
            answer["error"] = {"code": -32601, "message": "this daemon cannot reload itself"}
        elif method == "reload":
            self._ready = False
            threading.Thread(target=self._reload, args=(params["generation"],), daemon=True).start()
        self._write(answer)


def _length(text: str) -> int:
    """As the supervisor counts: in UTF-16."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
