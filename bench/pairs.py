#!/usr/bin/env python3
"""Makes the table of restarts under load from a run of `bench.sh --measures zero`: each restart beside a quiet load of the
same length right after it.

  bench/pairs.py RUN.json TABLE.md
"""
import json
import pathlib
import statistics
import sys

ROWS = [("soleinit-overlap", "soleinit, `restart --overlap`"), ("soleinit-overlap-hup", "soleinit, `--overlap yes --on-hup restart`"),
        ("soleinit", "soleinit, `--listen`"), ("s6", "s6"), ("runit", "runit"),
        ("supervisord", "supervisord"), ("supervisord-fcgi", "supervisord, `[fcgi-program]` with two processes")]
HEAD = """| | restarts | answered | refused | reset | other | longest ms | quiet ms | over it, median | at most |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|
"""


def row(name, raw):
    total = lambda *keys: sum(sum(raw.get(key, [])) for key in keys)
    longest, quiet, over = (raw[key] for key in ("max_latency_ms", "quiet_latency_ms", "over_quiet_ms"))
    return (f"| {name} | {len(longest)} | {total('ok'):,.0f} | {total('refused'):,.0f} | {total('reset'):,.0f} | "
            f"{total('closed', 'timeout', 'other'):,.0f} | {statistics.median(longest):.2f} | {statistics.median(quiet):.2f} | "
            f"{statistics.median(over):.2f} | {max(over):.2f} |\n")


def main():
    run, table = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    raw = json.loads(run.read_text())["raw"]["zero"]
    table.write_text(HEAD + "".join(row(shown, raw[name]) for name, shown in ROWS if raw.get(name, {}).get("over_quiet_ms")))


if __name__ == "__main__":
    main()
