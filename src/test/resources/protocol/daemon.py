import json, os, signal, socket, sys, threading, time

link = socket.socket(socket.AF_UNIX)
link.connect(os.environ["DAEMON_RUN_DIR"] + "/control.sock")
generation, fenced, work = int(os.environ["DAEMON_GENERATION"]), False, set()

def send(**message):
    link.sendall((json.dumps({"jsonrpc": "2.0", **message}) + "\n").encode())

def session(name, seconds):
    send(method="work.begin", params={"kind": "session", "id": name, "checkpoint": "at " + name})
    time.sleep(seconds)
    work.discard(name)
    send(method="work.end", params={"id": name})
    if fenced and not work:
        send(method="drained")

def begin(name, seconds):                      # what a client of this daemon would ask for
    if fenced:
        return print("refused " + name + ": restarting, try again shortly", flush=True)
    work.add(name)
    threading.Thread(target=session, args=(name, seconds), daemon=True).start()

signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
signal.signal(signal.SIGUSR1, lambda *_: begin(f"s{generation}-{time.monotonic_ns()}", float(sys.argv[1])))
send(id=1, method="attach", params={"token": os.environ["DAEMON_TOKEN"], "generation": generation})
for line in link.makefile():
    message = json.loads(line)
    method, params = message.get("method"), message.get("params", {})
    if method in ("fence", "drain", "unfence"):
        fenced = method != "unfence"
    if method == "reload":
        generation = params["generation"]
    if method:                                  # done: say so
        send(id=message["id"], result={})
    if method == "drain" and not work:
        send(method="drained")
    if method == "reload" or message.get("id") == 1 and "result" in message:
        send(method="ready", params={"generation": generation})
