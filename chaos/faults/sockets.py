"""Floods on both sockets, by processes that are not the daemon."""
import glob
import os
import socket
import threading
import time

from faults import fault
from faults.kills import kill_main

STATUS = b'{"jsonrpc":"2.0","id":1,"method":"status"}\n'


def flood(step, act, seconds, hands=3):
    deadline = time.monotonic() + seconds

    def hand(number):
        while time.monotonic() < deadline:
            try:
                act(number)
                step.run.count("flood messages")
            except OSError:
                time.sleep(0.001)
    threads = [threading.Thread(target=hand, args=(number,), daemon=True) for number in range(hands)]
    for one in threads:
        one.start()
    return threads


def during(step, threads):
    """What has to work although the socket is flooded."""
    if step.chance.random() < 0.5:
        kill_main(step)
    step.world.cli("status", "--json")
    # long ones outlast its drain
    step.sessions.may_cut()
    step.world.cli("reload")
    for one in threads:
        one.join()


@fault("flood-control", weight=2)
def flood_control(step):
    path = step.world.path("run", "control.sock")
    kind = step.chance.choice(["garbage", "halves", "status", "pipeline", "long"])

    def act(_):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            client.connect(path)
            if kind == "garbage":
                client.sendall(os.urandom(2000))
            elif kind == "halves":
                client.sendall(STATUS[:20])
            elif kind == "status":
                client.sendall(STATUS)
                client.recv(65536)
            elif kind == "pipeline":
                client.sendall(STATUS * 40)
                client.shutdown(socket.SHUT_WR)
                while client.recv(65536):
                    pass
            else:
                client.sendall(b"x" * (2 << 20))
    step.run.fault("flood-control")
    during(step, flood(step, act, step.chance.uniform(0.5, 3)))


@fault("flood-notify", weight=2)
def flood_notify(step):
    """Words of the protocol from processes that may not say them, and noise."""
    words = [b"STOPPING=1", b"READY=1", b"MAINPID=1", b"WATCHDOG=trigger", b"ERRNO=5",
             b"RELOADING=1\nMONOTONIC_USEC=1", b"EXTEND_TIMEOUT_USEC=99999999", b"", os.urandom(3000)]
    client = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    client.setblocking(False)

    def act(number):
        for path in glob.glob(step.world.path("run", "notify.*")):
            for word in words:
                client.sendto(word, path)
    step.run.fault("flood-notify")
    during(step, flood(step, act, step.chance.uniform(0.5, 3)))
    client.close()
