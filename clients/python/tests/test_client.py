import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import soleinit              # noqa: E402
import soleinit_handover     # noqa: E402


class Alone(unittest.TestCase):
    """Without a supervisor."""

    def setUp(self):
        self.client = soleinit.Client({})

    def test_work_is_counted_and_ends_once(self):
        work = self.client.begin("task", "a")
        self.assertEqual(1, self.client.active)
        work.end()
        work.end()
        self.assertEqual(0, self.client.active)

    def test_work_ends_with_its_block_whatever_happens_in_it(self):
        with self.assertRaises(ZeroDivisionError), self.client.begin("task", "a"):
            1 / 0
        self.assertEqual(0, self.client.active)

    def test_the_same_in_a_coroutine(self):
        async def unit():
            async with self.client.begin("task", "a"):
                return self.client.active
        self.assertEqual((1, 0), (asyncio.run(unit()), self.client.active))

    def test_an_id_is_1_to_128_utf16_units_and_open_once(self):
        for id in ("", " ", "x" * 129, "x" * 10_000, "😀" * 65):
            with self.assertRaises(ValueError):
                self.client.begin("task", id)
        self.client.begin("task", "😀" * 64)
        with self.assertRaises(ValueError):
            self.client.begin("task", "😀" * 64)

    def test_a_checkpoint_that_is_too_long(self):
        with self.assertRaises(ValueError):
            self.client.begin("task", "a").checkpoint("x" * 4097)

    def test_a_drain_refuses_waits_and_names_what_runs(self):
        work = self.client.begin("task", "a")
        self.assertEqual(["a"], [left.id for left in self.client.drain(0.05)])
        with self.assertRaises(soleinit.RestartingError):
            self.client.begin("task", "b")
        threading.Timer(0.1, work.end).start()
        started = time.monotonic()
        self.assertEqual([], self.client.drain(10))
        self.assertLess(time.monotonic() - started, 5)

    def test_queued_work_stays_queued_while_fenced(self):
        work = self.client.begin("task", "a", running=False)
        self.assertEqual([], self.client.drain(0))
        with self.assertRaises(soleinit.RestartingError):
            work.run()
        self.assertFalse(work.running)

    def test_100_threads_lose_no_count(self):
        def many(name):
            for i in range(200):
                with self.client.begin("task", f"{name}-{i}"):
                    pass
        threads = [threading.Thread(target=many, args=(name,)) for name in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(0, self.client.active)

    def test_state_is_not_kept_where_nobody_says_where(self):
        self.assertEqual(soleinit_handover.Restored(), self.client.state("a", dict))


class Supervised(unittest.TestCase):
    """With a socket that answers."""

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.directory.name + "/control.sock")
        self.listener.listen()
        self.environment = {"DAEMON_TOKEN": "t", "DAEMON_GENERATION": "3", "DAEMON_RUN_DIR": self.directory.name}

    def tearDown(self):
        self.listener.close()
        self.directory.cleanup()

    def attach(self):
        self.link = self.listener.accept()[0]
        self.words = self.link.makefile()
        self.assertEqual("attach", json.loads(self.words.readline())["method"])
        self.send(id=0, result={"protocol": 1})
        self.assertEqual("work.report", json.loads(self.words.readline())["method"])

    def send(self, **message):
        self.link.sendall(json.dumps(message).encode() + b"\n")

    def close(self, client):
        client.shutdown(0)
        self.words.close()
        self.link.close()

    def test_the_token_is_for_this_process_alone(self):
        client = soleinit.Client(self.environment)
        self.assertNotIn("DAEMON_TOKEN", self.environment)
        self.attach()
        self.close(client)

    def test_handlers_that_are_coroutines_run_on_the_loop_of_the_client(self):
        async def daemon():
            client, seen = soleinit.Client(self.environment), asyncio.Event()

            async def rebuild(generation):
                self.assertIs(loop, asyncio.get_running_loop())
                seen.set()
            loop, client.on_reload = asyncio.get_running_loop(), rebuild
            await asyncio.to_thread(self.attach)
            self.send(id=9, method="reload", params={"generation": 4})
            await asyncio.wait_for(seen.wait(), 5)
            return client
        client = asyncio.run(daemon())
        self.close(client)

    def test_in_an_overlap_what_was_accepted_begins_before_new_work_is_refused(self):
        client, accepted = soleinit.Client(self.environment), []

        def stop_accepting(_):
            time.sleep(0.05)
            accepted.append(client.begin("task", "accepted"))
        client.on_fence = stop_accepting
        self.attach()
        self.link.settimeout(10)
        self.tell_as_a_supervisor_does()
        self.assertEqual(["work.begin", 8, 9], [self.next() for _ in range(3)])
        with self.assertRaises(soleinit.RestartingError):
            client.begin("task", "late")
        accepted.pop().end()
        self.assertEqual(["work.end", "drained"], [self.next() for _ in range(2)])
        self.close(client)

    def test_in_an_overlap_who_cannot_stop_accepting_refuses_nobody(self):
        client = soleinit.Client(self.environment)
        self.attach()
        self.link.settimeout(10)
        work = client.begin("task", "a")
        self.tell_as_a_supervisor_does()
        self.assertEqual(["work.begin", 8, 9], [self.next() for _ in range(3)])
        client.begin("task", "b").end()
        work.end()
        self.assertEqual(["work.begin", "work.end", "work.end", "drained"], [self.next() for _ in range(4)])
        self.close(client)

    def tell_as_a_supervisor_does(self):
        """The drain comes right behind the fence."""
        self.link.sendall(b'{"id": 8, "method": "fence", "params": {"reason": "overlap"}}\n'
                          b'{"id": 9, "method": "drain", "params": {"timeoutMs": 5000}}\n')

    def next(self):
        word = json.loads(self.words.readline())
        return word.get("method") or word["id"]

    def test_a_child_that_attaches_takes_its_parents_place(self):
        client = soleinit.Client(self.environment)
        self.attach()
        child = os.fork()
        if child == 0:
            alone = not client.supervised
            client.attach()
            time.sleep(5 if alone else 0)
            os._exit(1)
        other = self.listener.accept()[0]
        self.assertEqual("t", json.loads(other.makefile().readline())["params"]["token"])
        os.kill(child, 9)
        os.waitpid(child, 0)
        other.close()
        self.close(client)


class State(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.path = self.directory.name + "/handover/name"
        self.store = soleinit_handover.StateStore(self.path)

    def test_nothing_is_not_the_same_as_a_failure(self):
        self.assertEqual(soleinit_handover.Restored(), self.store.load())

    def test_it_comes_back_until_it_is_confirmed_three_times_at_the_most(self):
        self.store.save({"b": 1.5, "a": ["é"]}, 7)
        for attempt in (1, 2, 3):
            self.assertEqual(({"b": 1.5, "a": ["é"]}, None, attempt, 7), self.store.load())
        self.assertIsNotNone(self.store.load().failure)
        self.assertEqual(soleinit_handover.Restored(), self.store.load())

    def test_what_was_confirmed_is_gone(self):
        self.store.save({}, 7)
        self.store.load()
        self.store.confirm()
        self.assertEqual(soleinit_handover.Restored(), self.store.load())

    def test_what_is_corrupt_is_set_aside(self):
        self.store.save({"a": 1}, 7)
        with open(self.path + ".json", "r+", encoding="utf-8") as file:
            text = file.read().replace('"a": 1', '"a": 2')
            file.seek(0)
            file.write(text)
        self.assertIsNotNone(self.store.load().failure)
        self.assertTrue(any(".corrupt-" in name for name in os.listdir(os.path.dirname(self.path))))

    def test_what_is_too_old(self):
        self.store.save({"a": 1}, 7, at=time.time() - 601)
        self.assertIsNotNone(self.store.load().failure)

    def test_what_is_no_json_replaces_nothing(self):
        self.store.save({"a": 1}, 7)
        with self.assertRaises(ValueError):
            self.store.save({"a": float("nan")}, 8)
        self.assertEqual({"a": 1}, self.store.load().value)
        self.assertEqual([], [name for name in os.listdir(os.path.dirname(self.path)) if name.endswith(".tmp")])


class KeptSockets(unittest.TestCase):
    def test_those_of_another_process_are_not_taken(self):
        self.assertEqual([], soleinit_handover.kept_sockets({"LISTEN_PID": "1", "LISTEN_FDS": "1"}))

    def test_a_count_that_is_none(self):
        for count in ("", "-1", "x", "1000"):
            given = {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": count}
            self.assertEqual([], soleinit_handover.kept_sockets(given))

    def test_only_what_listens_is_one(self):
        code = ("import os, socket, sys; sys.path.insert(0, sys.argv[1]); import soleinit_handover as h;"
                "a = socket.create_server(('127.0.0.1', 0)); b = socket.socketpair()[0]; c = os.open('/', os.O_RDONLY);"
                "[os.dup2(fd, to) for fd, to in zip([os.dup(f) for f in (a.fileno(), b.fileno(), c)], (3, 4, 5))];"
                "print(h.kept_sockets({'LISTEN_PID': str(os.getpid()), 'LISTEN_FDS': '3', 'LISTEN_FDNAMES': 'x:y:z'})"
                "[0][0], len(h.kept_sockets({'LISTEN_PID': str(os.getpid()), 'LISTEN_FDS': '3'})))")
        said = subprocess.run([sys.executable, "-c", code, str(Path(__file__).resolve().parent.parent)],
                              stdout=subprocess.PIPE, text=True, check=True).stdout
        self.assertEqual("x 1\n", said)


if __name__ == "__main__":
    unittest.main()
