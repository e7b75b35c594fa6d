"""What one generation of a daemon hands to the next beside its work: kept sockets, and state between lives.
Usable alone; soleinit.Client.state is made of it."""
from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import socket
import time
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

LOG = logging.getLogger("soleinit")
Message = Dict[str, Any]


class Restored(NamedTuple):
    """What the last generation left: a value, or a failure with its reason, or (both None) nothing."""
    value: Optional[Message] = None
    failure: Optional[str] = None
    attempt: int = 0
    generation: int = 0


class StateStore:
    """NAME.json in a directory: written whole, with a checksum; claimed by renaming it, gone once confirmed."""

    def __init__(self, path: str) -> None:
        self.path, self._saved, self._claimed = path, path + ".json", path + ".claimed.json"

    def save(self, value: Message, generation: int, attempts: int = 0, at: float = 0,
             claim: bool = False) -> None:
        text = json.dumps({"format": 1, "checksum": _checksum(value), "savedAt": at or time.time(),
                           "attempts": attempts, "generation": generation, "state": value}, allow_nan=False)
        directory, to = os.path.dirname(self.path), self._claimed if claim else self._saved
        os.makedirs(directory, exist_ok=True)
        temporary = f"{self.path}.{os.urandom(8).hex()}.tmp"
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, to)
        folder = os.open(directory, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def load(self, longest: float = 600, most: int = 3) -> Restored:
        try:
            if os.path.exists(self._saved):
                os.replace(self._saved, self._claimed)
            with open(self._claimed, encoding="utf-8") as file:
                all = json.load(file)
            if all["format"] != 1 or all["checksum"] != _checksum(all["state"]):
                raise ValueError("its checksum or format is wrong")
            if time.time() - all["savedAt"] > longest or all["attempts"] >= most:
                raise ValueError(f"it is too old, or was tried {all['attempts']} times and never confirmed")
            self.save(all["state"], all["generation"], all["attempts"] + 1, all["savedAt"], True)
            return Restored(all["state"], None, all["attempts"] + 1, all["generation"])
        except FileNotFoundError:
            return Restored()
        except (OSError, ValueError, KeyError, TypeError) as why:
            LOG.warning("%s cannot be restored: %s", self._saved, why)
            if not isinstance(why, OSError):
                os.replace(self._claimed, f"{self._saved}.corrupt-{time.time_ns() // 1_000_000}")
            return Restored(None, str(why) or repr(why))

    def confirm(self) -> None:
        if os.path.exists(self._claimed):
            os.remove(self._claimed)


def _checksum(value: Message) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, allow_nan=False).encode()).hexdigest()


def kept_sockets(environment: Optional[Mapping[str, str]] = None) -> List[Tuple[str, socket.socket]]:
    """The sockets that the supervisor keeps for this process, with their names, as in sd_listen_fds(3). They
    listen already, and are new objects in each call: closing one leaves the kept one open."""
    given = os.environ if environment is None else environment
    count = given.get("LISTEN_FDS", "")
    if given.get("LISTEN_PID") != str(os.getpid()) or not count.isdigit() or len(count) > 3:
        return []
    names = given.get("LISTEN_FDNAMES", "").split(":") + int(count) * [""]
    kept = []
    for i in range(int(count)):
        with contextlib.suppress(OSError):      # no socket: something else that was left for this process
            one = socket.socket(fileno=os.dup(3 + i))
            if one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                kept.append((names[i] or "unknown", one))
            else:
                one.close()
    return kept
