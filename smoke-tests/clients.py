#!/usr/bin/env python3
"""Clients of the examples: each does what it came for, or says why not.

  clients.py HOST PORT SECONDS RATE [JOBS [PATH]]

POSTs at a steady rate, and tries again what is answered 503; with until:FILE for SECONDS, until there is that file. With
JOBS, as many jobs are given to the daemon meanwhile, and waited for at the end. Prints one JSON object: ok, again (503),
refused, reset, other (and what that was), longestMs, jobsLost.
"""
import collections
import http.client
import json
import os
import sys
import threading
import time

host, port, rate = sys.argv[1], int(sys.argv[2]), float(sys.argv[4])
stop_file = sys.argv[3].removeprefix("until:") if sys.argv[3].startswith("until:") else None
seconds = 900 if stop_file else float(sys.argv[3])
jobs = [f"job-{time.time_ns()}-{i}" for i in range(int(sys.argv[5]) if len(sys.argv) > 5 else 0)]
target = sys.argv[6] if len(sys.argv) > 6 else "/slow/300"
# how long one request may take, with all its tries
patience = float(os.environ.get("PATIENCE", "20"))
count = collections.Counter(ok=0, again=0, refused=0, reset=0, other=0)
others = collections.Counter()
longest = 0.0


def ask(method, path):
    connection = http.client.HTTPConnection(host, port, timeout=patience)
    try:
        connection.request(method, path, headers={"Connection": "close"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def once(method, path):
    global longest
    begin = time.monotonic()
    while time.monotonic() - begin < patience:
        try:
            status, _ = ask(method, path)
        except ConnectionRefusedError:
            count["refused"] += 1
            return
        except (ConnectionError, http.client.HTTPException):
            count["reset"] += 1
            return
        except OSError as failed:
            others[type(failed).__name__] += 1
            break
        if status == 200:
            count["ok"] += 1
            longest = max(longest, time.monotonic() - begin)
            return
        count["again"] += status == 503
        if status != 503:
            others[f"code {status}"] += 1
            break
        time.sleep(0.1)
    else:
        others["503 for too long"] += 1
    count["other"] += 1


def missing():
    try:
        return set(jobs) - set(ask("GET", "/jobs")[1].split())
    except OSError:
        return set(jobs)


begin = time.monotonic()
threads = []
total = int(seconds * rate)
for i in range(total):
    if stop_file and os.path.exists(stop_file):
        break
    time.sleep(max(0.0, begin + i / rate - time.monotonic()))
    threads.append(threading.Thread(target=once, args=("POST", target)))
    if jobs and i % max(1, total // len(jobs)) == 0 and i // max(1, total // len(jobs)) < len(jobs):
        threads.append(threading.Thread(target=once, args=("PUT", "/jobs/" + jobs[i // max(1, total // len(jobs))])))
        threads[-1].start()
        threads[-2].start()
    else:
        threads[-1].start()
for one in threads:
    one.join()
until = time.monotonic() + (15 if jobs else 0)
while jobs and missing() and time.monotonic() < until:
    time.sleep(0.2)
print(json.dumps(dict(count) | {"others": dict(others)} | {"longestMs": round(longest * 1000), "jobs": len(jobs),
                                "jobsLost": len(missing()) if jobs else 0}))
