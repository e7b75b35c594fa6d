"""A daemon of a kept socket that answers each connection with its generation. What the file `mode` says when it starts
decides how: `good`, `slow S` (ready after S seconds), `exit` (ends before), `silent` (never says ready), `failing`
(says why), `late-exit` (ends after it was ready), `reader` (keeps each connection open until TERM)."""
import os, select, signal, socket, sys, time

mode = open("mode").read().split() if os.path.exists("mode") else ["good"]
generation = os.environ["DAEMON_GENERATION"]
over = []
signal.signal(signal.SIGTERM, lambda *_: over.append(1))


def notify(text):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.sendto(text.encode(), os.environ["NOTIFY_SOCKET"])


if mode[0] == "exit":
    notify("STATUS=a bad configuration")
    sys.exit(3)
if mode[0] == "slow":
    time.sleep(float(mode[1]))
listener = socket.socket(fileno=3)
listener.setblocking(False)
if mode[0] != "silent":
    notify("STATUS=serving as %s\nREADY=1" % generation)
print("serves", generation, flush=True)
until = time.monotonic() + 0.2
kept = []
while not over:
    if mode[0] == "late-exit" and time.monotonic() > until:
        sys.exit(4)
    if not select.select([listener], [], [], 0.02)[0]:
        continue
    try:
        connection, _ = listener.accept()
    except BlockingIOError:     # the other generation was faster
        continue
    connection.sendall(("generation %s\n" % generation).encode())
    kept.append(connection) if mode[0] == "reader" else connection.close()
listener.close()
print("ended", generation, flush=True)
