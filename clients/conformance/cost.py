#!/usr/bin/env python3
"""What a begin and an end of work cost the daemon, in each client that is given:

    cost.py LANGUAGE...          of: python node java=CLASS_PATH

Plays a supervisor that reads everything. Each daemon does 5,000 rounds to warm up, then 20,000, each timed by itself,
with a pause after every 100, for a supervisor that is behind costs less: nothing is written then. Printed are the median and the 99th percentile of a begin and its end together, in microseconds.
"""
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness import World

HERE = Path(__file__).resolve().parent
PYTHON = """
import sys, time
sys.path.insert(0, sys.argv[1])
import soleinit
client = soleinit.Client()
while not client.attached:
    time.sleep(0.01)
def rounds(count):
    times = []
    for i in range(count):
        started = time.perf_counter_ns()
        client.begin("task", f"w{i}", "a piece of work").end()
        times.append(time.perf_counter_ns() - started)
        if i % 100 == 0:
            time.sleep(0.01)
    return sorted(times)
rounds(5000)
times = rounds(20000)
print("restored none", times[10000] / 1000, times[19800] / 1000, flush=True)
time.sleep(60)
"""
NODE = """
const { Client } = await import(process.argv[1] + '/soleinit.mjs');
const client = new Client();
while (!client.attached) await new Promise((later) => setTimeout(later, 10));
async function rounds(count) {
  const times = [];
  for (let i = 0; i < count; i++) {
    const started = process.hrtime.bigint();
    client.begin('task', `w${i}`, 'a piece of work').end();
    await undefined; // what has been said goes out, and that counts
    times.push(Number(process.hrtime.bigint() - started));
    await new Promise((turn) => (i % 100 === 0 ? setTimeout(turn, 10) : setImmediate(turn))); // each in a turn of its own: with a write of its own
  }
  return times.sort((a, b) => a - b);
}
await rounds(5000);
const times = await rounds(20000);
console.log('restored none', times[10000] / 1000, times[19800] / 1000);
setTimeout(() => {}, 60_000);
"""
JAVA = """
import dev.soleinit.lifecycle.*;
public class Cost {
    public static void main(String[] args) {
        System.exit(Lifecycle.run(life -> {
            Thread.sleep(1000);
            rounds(life.gate(), 5_000);
            long[] times = rounds(life.gate(), 20_000);
            System.out.println("restored none " + times[10_000] / 1e3 + " " + times[19_800] / 1e3);
            return () -> { };
        }));
    }
    static long[] rounds(WorkGate gate, int count) throws Exception {
        long[] times = new long[count];
        for (int i = 0; i < count; i++) {
            long started = System.nanoTime();
            gate.begin("task", "w" + i, "a piece of work").close();
            times[i] = System.nanoTime() - started;
            if (i % 100 == 0) {
                Thread.sleep(10);
            }
        }
        java.util.Arrays.sort(times);
        return times;
    }
}
"""


def command(language, scratch):
    if language == "python":
        return [sys.executable, "-c", PYTHON, str(HERE.parent / "python")]
    if language == "node":
        return ["node", "--input-type=module", "-e", NODE, str(HERE.parent / "node")]
    path = language.partition("=")[2]
    java = os.path.join(os.environ.get("JAVA_HOME", "/usr"), "bin", "java")
    source = Path(scratch, "Cost.java")
    source.write_text(JAVA)
    subprocess.run([java + "c", "-cp", path, "-d", scratch, str(source)], check=True)
    return [java, "-cp", f"{path}:{scratch}", "Cost"]


for language in sys.argv[1:]:
    with tempfile.TemporaryDirectory() as scratch:
        world = World(command(language, scratch))
        world.listen()
        daemon = world.start()
        world.attached()
        line = daemon.reader.next(120)
        median, high = line.split()[2:]
        for _ in range(100):
            if world.links[0].reader.lines.qsize() >= 50_000:
                break
            time.sleep(0.1)
        else:
            sys.exit(f"only {world.links[0].reader.lines.qsize()} of 50,000 words were heard")
        print(f"{language.partition('=')[0]:8} median {float(median):6.1f} µs   99 % {float(high):6.1f} µs")
        world.close()
