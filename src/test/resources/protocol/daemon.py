import json, os, signal, socket, sys, threading, time
link = socket.socket(socket.AF_UNIX)
link.connect(os.environ["DAEMON_RUN_DIR"] + "/control.sock")
generation, fenced, work = int(os.environ["DAEMON_GENERATION"]), False, set()

def send(**message):
    link.sendall((json.dumps({"jsonrpc": "2.0", **message}) + "\n").encode())

def session(name):
    send(method="work.begin", params={"kind": "session", "id": name, "checkpoint": "at " + name})
    time.sleep(float(sys.argv[1]))
    work.discard(name)
    send(method="work.end", params={"id": name})
    fenced and not work and send(method="drained")

def begin(name):                            # what a client of this daemon would ask for
    if fenced:
        return print("refused " + name + ": restarting, try again shortly", flush=True)
    work.add(name)
    threading.Thread(target=session, args=(name,), daemon=True).start()

signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
signal.signal(signal.SIGUSR1, lambda *_: begin(f"s{generation}-{time.monotonic_ns()}"))
send(id=1, method="attach", params={"token": os.environ["DAEMON_TOKEN"], "generation": generation})
for message in map(json.loads, link.makefile()):
    method = message.get("method")
    fenced = fenced if method not in ("fence", "drain", "unfence") else method != "unfence"
    generation = message["params"]["generation"] if method == "reload" else generation
    method and send(id=message["id"], result={})                   # done: say so
    method == "drain" and not work and send(method="drained")
    if method == "reload" or "result" in message:                  # attached, or built anew
        send(method="ready", params={"generation": generation})
