#!/usr/bin/env python3
"""Makes the short table of docs/benchmarks.md from a report.

  bench/table.py REPORT.md TABLE.md
"""
import pathlib, sys

PEERS = ["soleinit", "tini", "s6", "runit", "supervisord"]
HEAD = """| | start ms | memory (PSS) MB | idle CPU ms/10 s | signal to the daemon µs | 10,000 zombies ms | \
exit to next start ms | stop ms | status ms | health check ms of CPU | first READY ms | restart with 100 kept connections ms |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
"""


def median(cell):
    """Of "min / median" or "min / median / p99"; other cells have one number."""
    parts = [part.strip() for part in cell.replace("(not graceful)", "").split("/")]
    return parts[1] if len(parts) > 1 else parts[0]


def rows(report):
    found = {}
    for line in report.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 17 and cells[0] in PEERS:
            found.setdefault(cells[0], cells)
    for name in PEERS:
        cells = found[name]
        # by the peer's own command is another thing than through PID 1
        signal = "–" if cells[6].startswith("CLI") else median(cells[6])
        yield [name, median(cells[1]), f"{float(cells[2]) / 1000:.1f}", cells[5], signal, cells[8], cells[10],
               median(cells[11]), cells[12], *cells[14:]]


def main():
    report, table = (pathlib.Path(one) for one in sys.argv[1:])
    table.write_text(HEAD + "".join("| " + " | ".join(row) + " |\n" for row in rows(report.read_text())))


if __name__ == "__main__":
    main()
