"""Looks at a page in a real browser until it says something: browser.py URL SECONDS PART...

Prints what stands in the page's header each time that it changes; ends with 0 once all PARTs have been seen in
the page's text, in that order, without the page being loaded again. Speaks DevTools' protocol by hand, so that it needs nothing but
Chromium.
"""
import base64, json, os, socket, struct, subprocess, sys, tempfile, time, urllib.request

url, seconds, parts = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
deadline = time.monotonic() + seconds
profile = tempfile.mkdtemp()
browser = subprocess.Popen(
    ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0",
     "--user-data-dir=" + profile, "--no-first-run", "about:blank"],
    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def patiently(what):
    while True:
        try:
            return what()
        except (OSError, IndexError, ValueError) as missing:
            if time.monotonic() > deadline:
                raise SystemExit(f"the browser does not answer: {missing}")
            time.sleep(0.1)


class DevTools:
    def __init__(self, address):
        host, port = address.split("/")[2].split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=30)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET /{address.split('/', 3)[3]} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\n"
                             f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.exactly(1)
        self.id = 0

    def exactly(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise SystemExit("the browser has gone")
            data += more
        return data

    def receive(self):
        length = self.exactly(2)[1] & 127
        if length >= 126:
            length = struct.unpack("!H" if length == 126 else "!Q", self.exactly(2 if length == 126 else 8))[0]
        return json.loads(self.exactly(length))

    def call(self, method, **params):
        self.id += 1
        text = json.dumps({"id": self.id, "method": method, "params": params}).encode()
        mask = os.urandom(4)
        size = struct.pack("!BB", 0x81, 0x80 | len(text)) if len(text) < 126 else struct.pack("!BBH", 0x81, 0x80 | 126, len(text))
        self.socket.sendall(size + mask + bytes(one ^ mask[i % 4] for i, one in enumerate(text)))
        while True:
            answer = self.receive()
            if answer.get("id") == self.id:
                return answer["result"]

    def value(self, expression):
        return self.call("Runtime.evaluate", expression=expression)["result"].get("value")


try:
    port = patiently(lambda: open(profile + "/DevToolsActivePort").read().split()[0])
    page = patiently(lambda: [one for one in json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list"))
                              if one["type"] == "page"][0]["webSocketDebuggerUrl"])
    tools = DevTools(page)
    tools.call("Page.navigate", url=url)
    patiently(lambda: [0][0 if tools.value("document.title.includes('soleinit')") else 1])
    tools.value("window.loadedOnce = true")
    last, text = "", ""
    while parts and time.monotonic() < deadline:
        text = tools.value("document.body.innerText") or ""
        header = tools.value("document.querySelector('#state').innerText")
        if header != last:
            print(header, flush=True)
            last = header
        while parts and parts[0] in text:
            print("seen:", parts.pop(0), flush=True)
        time.sleep(0.05)
    if not tools.value("window.loadedOnce"):
        raise SystemExit("the page was loaded again, so nothing is shown about its script")
    if os.environ.get("PICTURE"):
        tools.call("Emulation.setDeviceMetricsOverride", width=900, height=860, deviceScaleFactor=1, mobile=False)
        with open(os.environ["PICTURE"], "wb") as file:
            file.write(base64.b64decode(tools.call("Page.captureScreenshot", format="png")["data"]))
    if parts:
        raise SystemExit(f"not seen within {seconds} s: {parts[0]}; the page says: {text}")
finally:
    browser.kill()
    browser.wait()
    subprocess.run(["rm", "-rf", profile])
