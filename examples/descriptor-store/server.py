"""A chat-like server whose open connections survive its own restarts, its crashes, and kill -9.

Each connection is stored with the supervisor (FDSTORE=1) as soon as it is accepted, and the next
generation finds it among the descriptors that it is started with. Run it with a kept socket:

    daemon supervise --listen 'tcp:0.0.0.0:8080 name=http' --fd-store-max 200 --ready notify \
        -- python3 server.py

It answers each line with its generation and the line. Python 3.9 or later, no dependency.
"""
import os
import selectors
import signal
import socket

GENERATION = os.environ.get("DAEMON_GENERATION", "0")
NOTIFY = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
READING = selectors.DefaultSelector()


def notify(message, *sockets):
    socket.send_fds(NOTIFY, [message.encode()], [one.fileno() for one in sockets], 0)


def passed():
    """The descriptors 3 and on, each with its name."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    names = os.environ.get("LISTEN_FDNAMES", "").split(":")
    return [(name, socket.socket(fileno=3 + i)) for i, name in enumerate(names)]


def serve(connection):
    connection.setblocking(True)
    READING.register(connection, selectors.EVENT_READ, answer)


def accept(listener):
    connection, _ = listener.accept()
    # from here on it outlives this process
    notify("FDSTORE=1\nFDNAME=connection", connection)
    serve(connection)


def answer(connection):
    try:
        line = connection.recv(4096)
        if line:
            connection.sendall(GENERATION.encode() + b" " + line)
            return
    except OSError:
        pass
    READING.unregister(connection)
    try:
        # closing would not be seen by the client, since the store has it open, too; this is, and makes
        # the supervisor drop it
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    connection.close()


signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
NOTIFY.connect(os.environ["NOTIFY_SOCKET"])
for name, one in passed():
    if name == "connection":
        serve(one)
    else:
        READING.register(one, selectors.EVENT_READ, accept)
notify("READY=1")
while True:
    for key, _ in READING.select():
        key.data(key.fileobj)
