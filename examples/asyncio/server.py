"""An HTTP server with a queue worker. POST /slow/MS answers after so long; PUT /jobs/ID takes on a job of a second, which
goes on in the next generation if it is interrupted; GET /jobs lists those that are done; GET / counts."""
import asyncio
import contextlib
import itertools
import os
import signal

import soleinit
import soleinit_handover

LOG = os.path.join(os.environ.get("DAEMON_STATE_DIR", "."), "jobs.log")


class Server:
    def __init__(self):
        self.client = soleinit.Client()
        self.count = 0
        self.ids = itertools.count()
        self.jobs, self.connections = set(), set()
        found = self.client.state("count", lambda: {"count": self.count})
        if found.value:
            self.count = found.value["count"]
        self.client.on_resume = self.resume
        self.client.on_reload = self.reload

    async def reload(self, generation):
        print("rebuilt as generation", generation, flush=True)

    async def resume(self, candidate):
        self.start(candidate.id, int(candidate.checkpoint or 0))

    def start(self, id, step):
        """Begun, and so taken over, when this returns."""
        work = self.client.begin("job", id, "ten steps")
        task = asyncio.create_task(self.job(work, step))
        self.jobs.add(task)
        task.add_done_callback(self.jobs.discard)

    async def job(self, work, step):
        async with work:
            for now in range(step, 10):
                work.checkpoint(str(now))
                await asyncio.sleep(0.1)
            with open(LOG, "a") as log:
                log.write(work.id + "\n")

    async def answer(self, method, path):
        if method == "PUT" and path.startswith("/jobs/"):
            self.start(path[len("/jobs/"):], 0)
            return "taken\n"
        if path == "/jobs":
            return open(LOG).read() if os.path.exists(LOG) else ""
        async with self.client.begin("reply", f"r{next(self.ids)}", path):
            self.count += 1
            await asyncio.sleep(int((path.split("/") + ["300"])[2]) / 1000 if method == "POST" else 0)
            return f"{self.count} {self.client.generation}\n"

    async def connection(self, reader, writer):
        task = asyncio.current_task()
        self.connections.add(task)
        task.add_done_callback(self.connections.discard)
        try:
            method, path, _ = (await reader.readline()).decode().split(" ")
            while (await reader.readline()).strip():
                pass
            try:
                status, text = "200 OK", await self.answer(method, path)
            except soleinit.RestartingError as soon:
                status, text = "503 Service Unavailable\r\nRetry-After: 1", f"{soon}\n"
            writer.write(f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode())
            await writer.drain()
        except (OSError, ValueError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def serve(self):
        kept = dict(soleinit_handover.kept_sockets())
        server = await asyncio.start_server(self.connection, sock=kept["http"]) if "http" in kept else \
            await asyncio.start_server(self.connection, port=8080)
        ended = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
        self.client.ready()
        await ended.wait()
        server.close()      # who connects from here on waits for the next generation; who is connected is answered
        await asyncio.to_thread(self.client.shutdown)
        if self.connections:
            await asyncio.wait(self.connections, timeout=2)


async def main():
    await Server().serve()

asyncio.run(main())
