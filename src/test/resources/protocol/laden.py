import json, os, signal, socket, sys, time
count, checkpoint = int(sys.argv[1]), "\u20ac" * (4096 if len(sys.argv) < 3 else 1)
generation = int(os.environ["DAEMON_GENERATION"])
link = socket.socket(socket.AF_UNIX)
link.connect(os.environ["DAEMON_RUN_DIR"] + "/control.sock")

def send(**message):
    link.sendall((json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False) + "\n").encode())

signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
send(id=1, method="attach", params={"token": os.environ["DAEMON_TOKEN"], "generation": generation})
for i in range(count):                      # a load like the first one in every life
    send(method="work.begin", params={"kind": "upload", "id": f"{generation}-{i}", "checkpoint": checkpoint})
send(method="ready", params={"generation": generation})
for message in map(json.loads, link.makefile()):
    if "method" in message:
        send(id=message["id"], result={})
