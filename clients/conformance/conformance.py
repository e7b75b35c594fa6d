#!/usr/bin/env python3
"""Plays the supervisor to a daemon that is built on a client, and checks what the client does.

    conformance.py [--only SCENARIO]... -- COMMAND...

README.md says what COMMAND has to obey. Prints a line for each scenario; exit code 1 if one fails.
"""
import os
import sys

import scenarios  # noqa: F401
from harness import SCENARIOS, Failed, Unsupported, World


def main(arguments):
    split = arguments.index("--") if "--" in arguments else len(arguments)
    command, options = arguments[split + 1:], arguments[:split]
    wanted = [name for flag, name in zip(options, options[1:]) if flag == "--only"] or list(SCENARIOS)
    if not command or not set(wanted) <= set(SCENARIOS):
        print(__doc__, "Scenarios:", " ".join(SCENARIOS), file=sys.stderr)
        return 2
    bad = 0
    for name in wanted:
        world = World(command)
        try:
            SCENARIOS[name](world)
            print("ok     ", name, flush=True)
        except Unsupported as why:
            print("skipped", f"{name}: {why}", flush=True)
        except (Failed, OSError, KeyError, TypeError) as why:
            bad += 1
            print("not ok ", f"{name}: {str(why)[:200] or repr(why)}", flush=True)
            if world.daemons and os.environ.get("CONFORMANCE_STDERR"):
                print(world.daemons[-1].said_on_stderr(), file=sys.stderr)
        finally:
            world.close()
    print(f"{len(wanted) - bad} of {len(wanted)} kept")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
