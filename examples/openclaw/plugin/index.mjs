// Says to the supervisor, by sd_notify, when the gateway serves and when it restarts within its process. Node.js has no
// datagrams of the Unix kind, so perl, which each Debian has, sends them; without it, or without a supervisor, it is quiet.
import { spawn } from "node:child_process";

// The supervisor looks at who has sent a message while that process lives.
const SEND = `use Socket; my ($to, $text) = @ARGV; socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!\\n";
defined send($s, $text, 0, pack_sockaddr_un($to)) or die "send: $!\\n"; select(undef, undef, undef, 0.2)`;

// With it a restart stays in this process. Otherwise the process ends, which the supervisor sees by itself.
const staysInProcess = /^(1|true|yes|on)$/i.test(process.env.OPENCLAW_NO_RESPAWN ?? "");

function notify(text, logger) {
  const socket = process.env.NOTIFY_SOCKET;
  if (!socket) return;
  const child = spawn("perl", ["-e", SEND, socket, text], { stdio: ["ignore", "ignore", "pipe"] });
  let why = "";
  child.stderr.on("data", (part) => (why += part));
  child.on("error", (error) => logger?.warn(`Cannot tell the supervisor: ${error.message}`));
  child.on("close", (code) => code && logger?.warn(`Cannot tell the supervisor: ${why.trim()}`));
}

export default {
  id: "soleinit",
  name: "soleinit",
  description: "Says to the supervisor when the gateway serves, and when it restarts in its own process",
  register(api) {
    api.on("gateway_start", (event, ctx) => {
      // the signal comes when work is no longer admitted, before the gateway lets it end and closes its port
      ctx.abortSignal?.addEventListener("abort", () => {
        if (staysInProcess && /restart/.test(String(ctx.abortSignal.reason))) {
          // the clock of the kernel, so that a message from before a reload signal is known as such
          notify(`RELOADING=1\nMONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`, api.logger);
        }
      });
      notify(`READY=1\nSTATUS=on port ${event.port}`, api.logger);
    });
  },
};
