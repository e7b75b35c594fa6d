#!/usr/bin/env python3
"""Opens short HTTP connections at a steady rate and says what became of them.

  load.py HOST PORT SECONDS RATE

Prints one JSON object: ok (a whole answer), refused, reset (cut after it was accepted), other (no
answer, or none that is HTTP), longestMs. Each connection has 20 s.
"""
import collections, json, socket, sys, threading, time

host, port, seconds, rate = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
count = collections.Counter()
longest = 0.0
lock = threading.Lock()


def once():
    try:
        with socket.create_connection((host, port), timeout=20) as client:
            client.sendall(b"GET / HTTP/1.0\r\n\r\n")
            answer = b""
            while part := client.recv(65536):
                answer += part
        return "ok" if answer.startswith(b"HTTP/1.") else "other"
    except ConnectionRefusedError:
        return "refused"
    except (ConnectionResetError, BrokenPipeError):
        return "reset"
    except OSError:
        return "other"


def client():
    global longest
    begin = time.monotonic()
    result = once()
    with lock:
        count[result] += 1
        longest = max(longest, time.monotonic() - begin)


begin = time.monotonic()
threads = []
while (due := len(threads) / rate) < seconds:
    time.sleep(max(0, begin + due - time.monotonic()))
    threads.append(threading.Thread(target=client))
    threads[-1].start()
for one in threads:
    one.join()
print(json.dumps({"ok": 0, "refused": 0, "reset": 0, "other": 0} | dict(count)
                 | {"longestMs": round(longest * 1000)}))
