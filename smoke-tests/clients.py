#!/usr/bin/env python3
"""Clients of the examples: each does what it came for, or says why not.

  clients.py HOST PORT SECONDS RATE [JOBS [PATH]]

POSTs at a steady rate, and tries again what is answered 503; with until:FILE for SECONDS, until there is that file. With
JOBS, as many jobs are given to the daemon meanwhile, and waited for at the end. Prints one JSON object: ok, again (503;
bare: those of them without Retry-After), refused, reset, other (and what that was), longestMs, jobsLost; and of the clients themselves: sent, own (what failed for
want of descriptors or ports here, and says nothing about the daemon; and what that was), lateMs (at the most, for the rate).
"""
import asyncio
import collections
import errno
import json
import os
import resource
import sys
import time

host, port, rate = sys.argv[1], int(sys.argv[2]), float(sys.argv[4])
stop_file = sys.argv[3].removeprefix("until:") if sys.argv[3].startswith("until:") else None
seconds = 900 if stop_file else float(sys.argv[3])
jobs = [f"job-{time.time_ns()}-{i}" for i in range(int(sys.argv[5]) if len(sys.argv) > 5 else 0)]
target = sys.argv[6] if len(sys.argv) > 6 else "/slow/300"
# how long one request may take, with all its tries
patience = float(os.environ.get("PATIENCE", "20"))
count = collections.Counter(ok=0, again=0, bare=0, refused=0, reset=0, other=0)
others = collections.Counter()
own = collections.Counter()
longest = late = 0.0
OWN = {errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS, errno.ENOMEM}


class Broken(Exception):
    """What came is no whole answer."""


async def body(reader, head):
    fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:] if b":" in line)
    if b"chunked" in fields.get(b"transfer-encoding", b""):
        whole = b""
        while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            whole += await reader.readexactly(size)
            await reader.readexactly(2)
        return whole
    if b"content-length" in fields:
        return await reader.readexactly(int(fields[b"content-length"]))
    return await reader.read()


async def exchange(method, path):
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"{method} {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1."):
            raise Broken
        return int(head.split(b" ", 2)[1]), (await body(reader, head)).decode(), b"\r\nretry-after:" in head.lower()
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError, IndexError) as cut:
        raise Broken from cut
    finally:
        writer.close()


async def ask(method, path):
    return await asyncio.wait_for(exchange(method, path), patience)


async def once(method, path):
    """One of the counted ends, or None for one that the clients themselves have come to."""
    global longest
    begin = time.monotonic()
    while time.monotonic() - begin < patience:
        try:
            status, _, later = await ask(method, path)
        except ConnectionRefusedError:
            return "refused"
        except (ConnectionError, Broken):
            return "reset"
        except asyncio.TimeoutError:
            others["no answer in time"] += 1
            return "other"
        except OSError as failed:
            kind = errno.errorcode.get(failed.errno, type(failed).__name__)
            (own if failed.errno in OWN else others)[kind] += 1
            return None if failed.errno in OWN else "other"
        if status == 200:
            longest = max(longest, time.monotonic() - begin)
            return "ok"
        if status != 503:
            others[f"code {status}"] += 1
            return "other"
        count["again"] += 1
        count["bare"] += not later
        await asyncio.sleep(0.1)
    others["503 for too long"] += 1
    return "other"


async def counted(method, path):
    if end := await once(method, path):
        count[end] += 1


async def missing():
    try:
        return set(jobs) - set((await ask("GET", "/jobs"))[1].split())
    except (OSError, Broken, asyncio.TimeoutError):
        return set(jobs)


async def send():
    global late
    begin = time.monotonic()
    total = int(seconds * rate)
    every = max(1, total // len(jobs)) if jobs else 0
    for i in range(total):
        if stop_file and os.path.exists(stop_file):
            return
        await asyncio.sleep(max(0.0, begin + i / rate - time.monotonic()))
        late = max(late, time.monotonic() - begin - i / rate)
        yield asyncio.create_task(counted("POST", target))
        if jobs and i % every == 0 and i // every < len(jobs):
            yield asyncio.create_task(counted("PUT", "/jobs/" + jobs[i // every]))


async def main():
    # as many waiting connections as the system lets have, for a daemon may be away for a while
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    tasks = [task async for task in send()]
    await asyncio.gather(*tasks)
    until = time.monotonic() + (15 if jobs else 0)
    while jobs and await missing() and time.monotonic() < until:
        await asyncio.sleep(0.2)
    print(json.dumps(dict(count) | {"others": dict(others)} | {
        "longestMs": round(longest * 1000), "sent": len(tasks), "own": sum(own.values()), "ownFailures": dict(own),
        "lateMs": round(late * 1000), "jobs": len(jobs), "jobsLost": len(await missing()) if jobs else 0}))


asyncio.run(main())
