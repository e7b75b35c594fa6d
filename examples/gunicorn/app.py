"""A WSGI application whose requests are work. POST /slow/MS answers after so long; GET / counts."""
import itertools
import time

import soleinit

client = None       # the worker's, from gunicorn.conf.py
ids = itertools.count(1)


def app(environ, start_response):
    try:
        with client.begin("reply", f"r{next(ids)}", environ["PATH_INFO"]):
            if environ["REQUEST_METHOD"] == "POST":
                time.sleep(int((environ["PATH_INFO"].split("/") + ["300"])[2]) / 1000)
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [f"0 {client.generation}\n".encode()]
    except soleinit.RestartingError as soon:
        start_response("503 Service Unavailable", [("Retry-After", "1")])
        return [f"{soon}\n".encode()]
