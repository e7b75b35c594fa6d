#!/usr/bin/env python3
"""Sends sessions at a steady rate and says what became of them.

  deploy-load.py HOST PORT RATE MS

Each is a POST that the daemon works on for MS milliseconds. Goes on until TERM comes, waits for what is
under way, and prints one JSON object: ended, told503 (and asked again until it was served), lost (cut
without an answer), refused.
"""
import collections, json, signal, socket, sys, threading, time

host, port, rate, ms = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
count = collections.Counter()
lock = threading.Lock()
ending = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: ending.set())


def once():
    try:
        with socket.create_connection((host, port), timeout=30) as client:
            client.sendall(f"POST /sessions?ms={ms} HTTP/1.0\r\nHost: node\r\nContent-Length: 0\r\n\r\n"
                           .encode())
            answer = b""
            while part := client.recv(65536):
                answer += part
    except ConnectionRefusedError:
        return "refused"
    except OSError:
        return "lost"
    status = answer.split(b" ", 2)[1:2]
    return {b"200": "ended", b"503": "told503"}.get(status[0] if status else b"", "lost")


def session():
    for _ in range(100):
        result = once()
        with lock:
            count[result] += 1
        if result not in ("told503", "refused"):
            return
        time.sleep(0.1)


threads = []
begin = time.monotonic()
while not ending.is_set():
    thread = threading.Thread(target=session)
    thread.start()
    threads.append(thread)
    ending.wait(max(0, begin + len(threads) / rate - time.monotonic()))
for thread in threads:
    thread.join()
print(json.dumps({name: count[name] for name in ("ended", "told503", "lost", "refused")}))
