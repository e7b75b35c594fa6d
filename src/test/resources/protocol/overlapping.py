"""A daemon of a kept socket that answers each connection with its generation. What the file `mode` says when it starts
decides how: `good`, `slow S` (ready after S seconds), `exit` (ends before), `silent` (never says ready), `failing`
(says why), `late-exit` (ends after it was ready), `reader` (keeps each connection open until TERM), `pings S` (tells the
watchdog while it starts, for S seconds, and then, until a file `mute-GENERATION` is there), `deaf S` (ready after S seconds, ignores
TERM and INT, and has a child that does), `forks` (goes on in a child, which MAINPID names), `steals` (says that the main process is the
one in daemon.pid). It prints the signals that it gets."""
import os, select, signal, socket, subprocess, sys, time

mode = open("mode").read().split() if os.path.exists("mode") else ["good"]
generation = os.environ["DAEMON_GENERATION"]
over = []


def say(word):
    """In one write: the other generation has the same log."""
    os.write(1, f"{word} {generation}\n".encode())


signal.signal(signal.SIGTERM, lambda *_: over.append(1))
signal.signal(signal.SIGHUP, lambda *_: say("HUP"))
if mode[0] == "deaf":
    for one in signal.SIGTERM, signal.SIGINT:
        signal.signal(one, lambda number, _: say(signal.Signals(number).name))
    subprocess.Popen(["sh", "-c", "trap '' TERM INT; exec sleep 600.5"])


def notify(text):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.sendto(text.encode(), os.environ["NOTIFY_SOCKET"])


if mode[0] == "exit":
    notify("STATUS=a bad configuration")
    sys.exit(3)
if mode[0] in ("slow", "deaf"):
    time.sleep(float(mode[1]))
if mode[0] == "pings":
    for _ in range(int(float(mode[1]) * 10)):
        notify("WATCHDOG=1")
        time.sleep(0.1)
if mode[0] == "forks":
    pid = os.fork()
    if pid:
        notify("MAINPID=%d" % pid)
        time.sleep(0.5)
        os._exit(0)
    time.sleep(0.3)
if mode[0] == "steals":
    notify("MAINPID=" + open(os.environ["DAEMON_RUN_DIR"] + "/daemon.pid").read().strip())
listener = socket.socket(fileno=3)
listener.setblocking(False)
if mode[0] != "silent":
    notify("STATUS=serving as %s\nREADY=1" % generation)
say("serves")
until = time.monotonic() + 0.2
kept = []
while not over:
    if mode[0] == "late-exit" and time.monotonic() > until:
        sys.exit(4)
    if mode[0] == "pings" and not os.path.exists("mute-" + generation):
        notify("WATCHDOG=1")
    if not select.select([listener], [], [], 0.02)[0]:
        continue
    try:
        connection, _ = listener.accept()
    except BlockingIOError:     # the other generation was faster
        continue
    connection.sendall(("generation %s\n" % generation).encode())
    kept.append(connection) if mode[0] == "reader" else connection.close()
listener.close()
say("ended")
