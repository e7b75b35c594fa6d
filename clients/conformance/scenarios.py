"""What every client does, a function for each promise."""
import contextlib
import os
import signal
import socket
import tempfile
import time

from harness import PATIENCE, Failed, Unsupported, check, scenario, work


@scenario
def attach(world):
    world.listen()
    world.start()
    params = world.attached().attach["params"]
    check(params.get("token") == world.token, "attach without the token")
    check(params.get("generation") == world.generation, "attach without the generation")
    check(params.get("protocol") == 1, "attach without the protocol's version")
    link = world.links[0]
    link.next("work.report")
    check(link.next("ready")["params"].get("generation") in (None, world.generation), "ready of another generation")


@scenario
def failed(world):
    world.listen()
    daemon = world.start("fail")
    link = world.attached()
    link.next("work.report")
    check("it is to fail" in link.next("failed")["params"]["reason"], "failed without the reason")
    daemon.ends(1)


@scenario
def work_is_told(world):
    daemon, link = world.up()
    daemon.tell("begin w1", "begun w1")
    item = work(link, "work.begin", "w1")
    check(item.get("kind") == "task" and item.get("description") == "conformance", f"incomplete: {item}")
    check(item.get("running", True), "it does not run")
    daemon.tell("queue w2", "begun w2")
    check(work(link, "work.begin", "w2").get("running") is False, "queued work runs")
    daemon.tell("checkpoint w1 page 17", "checkpointed w1")
    check(work(link, "work.begin", "w1").get("checkpoint") == "page 17", "no checkpoint")
    daemon.tell("end w1", "ended w1")
    work(link, "work.end", "w1")
    daemon.tell("begin w2", "invalid 2")
    link.quiet(0.3)


@scenario
def ids(world):
    daemon, link = world.up()
    daemon.tell("begin " + "x" * 10_000, "invalid 10000")
    daemon.tell("begin " + "x" * 129, "invalid 129")
    link.quiet(0.3)
    for name in ("x" * 128, 'quote"back\\slash', "日本語"):
        daemon.tell("begin " + name, "begun " + name)
        work(link, "work.begin", name)


@scenario
def fence(world):
    daemon, link = world.up()
    daemon.tell("begin w1", "begun w1")
    answer, before = link.order("fence")
    check("result" in answer, f"fence is answered with {answer}")
    check([word["method"] for word in before] == ["work.begin"],
          f"what began before is to be told before the answer: {before}")
    daemon.tell("begin w2", "restarting w2")
    daemon.tell("end w1", "ended w1")
    work(link, "work.end", "w1")
    link.quiet(0.3)     # drained is for a drain alone
    link.order("unfence")
    daemon.tell("begin w3", "begun w3")
    work(link, "work.begin", "w3")


@scenario
def drain(world):
    daemon, link = world.up()
    daemon.tell("begin w1", "begun w1")
    daemon.tell("queue w2", "begun w2")
    link.next("work.begin"), link.next("work.begin")
    link.order("drain", timeoutMs=5000)
    daemon.tell("begin w3", "restarting w3")
    link.quiet(0.3)     # not while w1 runs
    daemon.tell("end w1", "ended w1")
    work(link, "work.end", "w1")
    link.next("drained")


@scenario
def drain_of_nothing(world):
    daemon, link = world.up()
    _, before = link.order("drain", timeoutMs=5000)
    if not before:      # the answer may come first
        link.next("drained")
    else:
        check([word["method"] for word in before] == ["drained"], f"expected drained, got {before}")


@scenario
def overlap(world):
    """The next generation serves on the same socket: what has been accepted is not refused for that."""
    daemon, link = world.up()
    daemon.tell("begin w1", "begun w1")
    link.next("work.begin")
    link.send(id=99, method="fence", params={"reason": "overlap"})
    _, before = link.order("drain", timeoutMs=5000)     # right behind it
    check([word.get("id") for word in before] == [99], f"the fence is answered first, and nothing said: {before}")
    daemon.tell("begin w2", "begun w2")
    work(link, "work.begin", "w2")
    daemon.tell("end w1", "ended w1")
    work(link, "work.end", "w1")
    link.quiet(0.3)     # not while w2 runs
    daemon.tell("end w2", "ended w2")
    work(link, "work.end", "w2")
    link.next("drained")
    link.order("stopping", reason="a restart", expectedMs=1000)
    daemon.stop()


@scenario
def resume_later(world):
    """What the last generation leaves after this one has begun is announced."""
    daemon, link = world.up()
    link.quiet(0.3)     # it has asked once, and there was none
    link.candidates = [{"id": "r1", "kind": "task", "description": "", "running": True, "checkpoint": "page 17",
                        "generation": 6, "deadline": "2100-01-01T00:00:00Z", "attempt": 1}]
    link.order("resume", candidates=1)
    link.quiet(1.0)
    check(link.confirmed == ["r1"], f"expected r1 to be confirmed, got {link.confirmed}")
    daemon.hear("resumed r1 page 17 1")


@scenario
def reload(world):
    daemon, link = world.up()
    _, before = link.order("reload", generation=8)
    daemon.hear("reloaded 8")
    ready = link.next("ready", before=before)       # it may be faster than the answer
    check(ready["params"].get("generation") == 8, "ready without the new generation")
    daemon.tell("begin w1", "begun w1")
    link.next("work.begin")
    link.close()
    again = world.attached()
    check(again.attach["params"]["generation"] == 8, "it attaches with the old generation")
    check([one["id"] for one in again.next("work.report")["params"]["items"]] == ["w1"], "w1 is not reported")


@scenario
def reload_fails(world):
    daemon, link = world.up()
    daemon.tell("fail-reload", "fail-reload")
    answer, before = link.order("reload", generation=8)
    if "error" in answer:
        return
    got = link.take(before=before)
    if got is None:     # an end with the code of a configuration error says it, too
        return daemon.ends(78)
    check(isinstance(got, dict) and got.get("method") == "failed", f"expected failed, got {got}")
    check("it is to fail" in got["params"]["reason"], "failed without the reason")
    daemon.tell("begin w1", "begun w1")


@scenario
def stopping(world):
    daemon, link = world.up()
    link.order("stopping", reason="a restart", expectedMs=1000)
    daemon.tell("begin w1", "restarting w1")
    daemon.stop()


@scenario
def stop_drains(world):
    daemon, link = world.up()
    daemon.tell("begin w1", "begun w1")
    work(link, "work.begin", "w1")
    daemon.process.send_signal(signal.SIGTERM)
    time.sleep(0.4)
    daemon.tell("begin w2", "restarting w2")
    daemon.tell("end w1", "ended w1")
    work(link, "work.end", "w1")
    daemon.ends(0)


@scenario
def what_is_cut_has_not_ended(world):
    daemon, link = world.up()
    daemon.tell("begin w1", "begun w1")
    work(link, "work.begin", "w1")
    daemon.stop()       # its drain takes three seconds
    got = link.take()
    check(got is None, f"expected no more words, got {got}")


@scenario
def state(world):
    daemon, link = world.up()
    daemon.tell("state remember-me", "state remember-me")
    daemon.stop()
    world.generation += 1
    daemon = world.start()
    link = world.attached()
    link.next("work.report")
    link.next("ready")
    daemon.hear("restored remember-me")
    daemon.stop()       # it was confirmed, and is kept anew
    world.start().hear("restored remember-me")


@scenario
def resume(world):
    world.listen()
    daemon = world.start()
    link = world.accept()
    link.candidates = [{"id": id, "kind": "task", "description": "", "running": True, "checkpoint": "page 17",
                        "generation": 6, "deadline": "2100-01-01T00:00:00Z", "attempt": attempt}
                       for attempt, id in enumerate(("r1", "fails", "r2"), 1)]
    link.send(id=link.next("attach")["id"], result={"protocol": 1, "generation": 7, "candidates": 3})
    link.next("work.report")
    link.next("ready")
    link.quiet(1.0)
    check(not link.candidates, f"never asked for: {link.candidates}")
    check(link.confirmed == ["r1", "r2"], f"expected r1 and r2 to be confirmed, got {link.confirmed}")
    daemon.hear("restored none")
    daemon.hear("resumed r1 page 17 1")
    daemon.hear("resumed r2 page 17 3")


def goes_on(world, daemon, patience=PATIENCE):
    """After a loss: attached again, with all open work, ready again; and work is told."""
    link = world.attached(patience)
    items = link.next("work.report")["params"]["items"]
    check([one["id"] for one in items] == ["w1"], f"expected w1 to be reported, got {items}")
    link.next("ready")
    daemon.tell("begin w9", "begun w9")
    work(link, "work.begin", "w9")


@scenario
def reconnect(world):
    daemon, link = world.up()
    daemon.tell("begin w1", "begun w1")
    daemon.tell("begin w2", "begun w2")
    link.close()
    daemon.tell("end w2", "ended w2")     # while nobody hears it
    goes_on(world, daemon)


@scenario
def supervisor_dies_in_mid_word(world):
    daemon, link = world.up()
    daemon.tell("begin w1", "begun w1")
    link.sock.sendall(b'{"jsonrpc": "2.0", "id": 5, "method": "fe')
    link.close()
    goes_on(world, daemon)


@scenario
def nonsense(world):
    daemon, link = world.up()
    daemon.tell("begin w1", "begun w1")
    for line in (b"\xff\xfe no JSON\n", b"[]\n", b"{}\n"):
        with contextlib.suppress(OSError):
            link.sock.sendall(line)
    link.close()
    goes_on(world, daemon)


@scenario
def socket_comes_later(world):
    daemon = world.start()
    daemon.hear("restored none")
    daemon.tell("begin w1", "begun w1")
    world.listen()
    goes_on(world, daemon)


@scenario
def busy(world):
    world.listen()
    daemon = world.start()
    link = world.accept()
    link.send(id=link.next("attach")["id"], error={"code": -32000, "message": "busy"})
    link.close()
    daemon.hear("restored none")
    daemon.tell("begin w1", "begun w1")
    goes_on(world, daemon)


def goes_on_alone(world, daemon):
    daemon.hear("restored none")
    daemon.tell("begin w1", "begun w1")
    daemon.tell("end w1", "ended w1")
    world.listener.settimeout(2.5)
    with contextlib.suppress(socket.timeout):
        world.listener.accept()
        raise Failed("it attaches again")
    daemon.stop()


@scenario
def token_of_yesterday(world):
    world.listen()
    daemon = world.start()
    link = world.accept()
    link.send(id=link.next("attach")["id"], error={"code": -32001, "message": "Cannot attach: the token"})
    goes_on_alone(world, daemon)


@scenario
def another_protocol(world):
    world.listen()
    daemon = world.start()
    link = world.attached(protocol=2)
    got = link.take()
    check(got is None, f"it speaks a protocol that it does not know: {got}")
    goes_on_alone(world, daemon)


@scenario
def a_supervisor_without_a_version(world):
    world.listen()
    daemon = world.start()
    link = world.accept()
    link.send(id=link.next("attach")["id"], result={"instance": "one", "generation": 7})
    link.next("work.report")
    daemon.hear("restored none")


@scenario
def no_supervisor(world):
    daemon = world.start(supervised=False)
    daemon.hear("restored none")
    daemon.tell("begin w1", "begun w1")
    daemon.tell("end w1", "ended w1")
    daemon.stop()
    check(daemon.said_on_stderr() == "", f"it is not quiet: {daemon.said_on_stderr()}")


@scenario
def unwritable_run_directory(world):
    if os.geteuid() != 0:
        raise Unsupported("it becomes another user, so run this as root")
    world.listen()
    state = tempfile.mkdtemp(dir=world.directory)
    os.chown(state, 65534, 65534)
    os.chmod(world.directory, 0o555)
    daemon = world.start(user=65534, DAEMON_STATE_DIR=state)
    link = world.attached()
    link.next("work.report")
    link.next("ready")
    daemon.hear("restored none")
    daemon.stop()


@scenario
def closed_run_directory(world):
    if os.geteuid() != 0:
        raise Unsupported("it becomes another user, so run this as root")
    world.listen()
    os.chmod(world.directory, 0o700)
    daemon = world.start(user=65534, DAEMON_STATE_DIR="/nonexistent")
    got = daemon.reader.next()
    check(str(got).startswith("restored"), f"it does not start: {got}")
    daemon.tell("begin w1", "begun w1")
    daemon.tell("end w1", "ended w1")
    daemon.stop()


@scenario
def a_supervisor_that_stands_still(world):
    daemon, link = world.up()
    daemon.tell("begin w1", "begun w1")
    link.next("work.begin")
    # from here on nobody reads: the reader's thread is held by not taking from its pipe
    link.close()
    held = world.accept()
    held.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    took = int(daemon.tell("burst 150000", "burst*").split()[1])
    check(took < 60_000, f"it waited for the supervisor: {took} ms")
    held.close()
    goes_on(world, daemon)


@scenario
def forked_child(world):
    daemon, link = world.up()
    daemon.tell("begin w1", "begun w1")
    work(link, "work.begin", "w1")
    daemon.tell("fork", "forked 0")
    link.quiet(0.3)
    daemon.tell("end w1", "ended w1")
    work(link, "work.end", "w1")


@scenario
def kept_sockets(world):
    world.listen()
    listener = socket.create_server(("127.0.0.1", 0))
    high = os.dup(listener.fileno())
    os.set_inheritable(high, True)
    daemon = world.start(prefix=("sh", "-c", f'exec 3<&{high} {high}<&-; LISTEN_PID=$$ exec "$@"', "sh"),
                         LISTEN_FDS="1", LISTEN_FDNAMES="http")
    os.close(high)
    link = world.attached()
    daemon.hear("restored none")
    daemon.hear("kept http")
    with socket.create_connection(listener.getsockname(), PATIENCE) as client:
        check(client.makefile().readline() == "kept\n", "nobody answers on the kept socket")
    daemon.stop()
    listener.settimeout(0.1)
    backlog = socket.create_connection(listener.getsockname(), 1)   # it still listens
    backlog.close()
