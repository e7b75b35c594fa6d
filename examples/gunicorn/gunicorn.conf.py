"""One worker, as containers want it; more of them are more containers. The worker attaches, not the master: it is the
worker that knows what runs. A sync worker: gunicorn's threads cut a connection that they have taken and not read yet
when they are told to stop."""
import app
import soleinit

workers = 1
graceful_timeout = 5


def post_worker_init(worker):
    app.client = soleinit.Client()
    app.client.on_reload = lambda generation: worker.log.info("rebuilt as generation %s", generation)
    app.client.ready()


def worker_exit(server, worker):
    if app.client is not None:
        app.client.shutdown(0)      # gunicorn has waited for what ran
