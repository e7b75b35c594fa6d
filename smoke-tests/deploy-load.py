#!/usr/bin/env python3
"""Sends sessions at a steady rate and says what became of them.

  deploy-load.py HOST PORT RATE MS

Each is a POST that the daemon works on for MS milliseconds. Goes on until TERM comes, waits for what is
under way, and prints one JSON object: ended, told503 (and asked again until it was served), lost (cut
without an answer), refused; late, of those that were to begin and could not, as MOST were under way; and why
the lost ones were, each with the second in which it was. One thread, however many sessions there are.
"""
import asyncio, collections, json, random, signal, socket, sys, time

HOST, PORT, RATE, MS = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
# what a daemon does not get through is not piled up without end, on either side
MOST = int(RATE * (MS / 1000 + 15))
REQUEST = f"POST /sessions?ms={MS} HTTP/1.0\r\nHost: node\r\nContent-Length: 0\r\n\r\n".encode()
# a name is asked for so often, not for each session: that would be most of what the engine does meanwhile
FRESH_S = 0.2
count = collections.Counter()
lost = []
resolved = {"at": -FRESH_S}


async def address():
    """One of those that the name has right now; all sessions that begin meanwhile wait for the same answer."""
    if time.monotonic() - resolved["at"] >= FRESH_S:
        resolved["at"] = time.monotonic()
        resolved["answer"] = asyncio.ensure_future(asyncio.get_running_loop().getaddrinfo(HOST, PORT, type=socket.SOCK_STREAM))
    # whoever gives up waiting gives up for itself alone
    return random.choice(await asyncio.shield(resolved["answer"]))[4][0]


async def once():
    """What became of it, and why it was lost."""
    writer = None
    try:
        async with asyncio.timeout(30 + MS / 1000):
            reader, writer = await asyncio.open_connection(await address(), PORT)
            writer.write(REQUEST)
            answer = await reader.read()
    except ConnectionRefusedError:
        return "refused", ""
    except (OSError, TimeoutError) as error:
        return "lost", f"{type(error).__name__} {error}".strip()
    finally:
        if writer:
            writer.close()
    status = (answer.split(b" ", 2) + [b"", b""])[1]
    result = {b"200": "ended", b"503": "told503"}.get(status, "lost")
    return result, "" if result != "lost" else f"answered {answer[:60]!r}"


async def session():
    for _ in range(100):
        result, why = await once()
        count[result] += 1
        if result == "lost":
            lost.append(f"{time.monotonic() - begin:.1f} s: {why}")
        if result not in ("told503", "refused"):
            return
        await asyncio.sleep(0.1)


async def main():
    ending = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ending.set)
    running, due = set(), 0
    while not ending.is_set():
        due += 1
        if len(running) < MOST:
            task = asyncio.create_task(session())
            running.add(task)
            task.add_done_callback(running.discard)
        else:
            count["late"] += 1
        try:
            await asyncio.wait_for(ending.wait(), max(0, begin + due / RATE - time.monotonic()))
        except TimeoutError:
            pass
    await asyncio.gather(*running)
    print(json.dumps({name: count[name] for name in ("ended", "told503", "lost", "refused", "late")} | {"why": lost[:20]}))


begin = time.monotonic()
asyncio.run(main())
