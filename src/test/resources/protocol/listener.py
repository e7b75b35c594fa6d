# A daemon that knows socket activation as sd_listen_fds(3) has it: answers "GENERATION NAME\n" on
# each of its sockets. Told to stop it takes no more: what waits is the next one's. MODE: shutdown,
# nonblock, slow.
import os, select, signal, socket, sys, time

mode = sys.argv[1] if len(sys.argv) > 1 else ""
assert int(os.environ["LISTEN_PID"]) == os.getpid(), "LISTEN_PID is not mine"
names = os.environ["LISTEN_FDNAMES"].split(":")
sockets = {socket.socket(fileno=3 + i): name for i, name in enumerate(names)}
assert len(sockets) == int(os.environ["LISTEN_FDS"])
stopping = []
signal.signal(signal.SIGTERM, lambda *_: stopping.append(1))
blocking = [os.get_blocking(one.fileno()) for one in sockets]
if mode == "nonblock":
    for one in sockets: one.setblocking(False)
print("serves", os.environ["DAEMON_GENERATION"], names, "blocking", blocking, flush=True)
if mode == "slow":
    time.sleep(0.5)
while not stopping:
    ready, _, _ = select.select(list(sockets), [], [], 0.02)
    for one in ready:
        client, _ = one.accept()
        with client:
            client.sendall((os.environ["DAEMON_GENERATION"] + " " + sockets[one] + "\n").encode())
if mode == "shutdown":
    for one in sockets: one.shutdown(socket.SHUT_RDWR)
