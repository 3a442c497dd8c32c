"""`python -m talentpool.embedded COMMAND`: what the Makefile's targets call.

demo              the whole portal with its sample prefecture, until Ctrl-C
servers           only PostgreSQL and Valkey with the demo's data, until Ctrl-C
run COMMAND …     a command beside empty servers of its own, whose data goes when it ends
"""

import argparse
import os
import signal
import subprocess
import sys
from types import FrameType

from talentpool.embedded.demo import run_demo
from talentpool.embedded.orphans import adopt_orphans, collect_orphans
from talentpool.embedded.place import CannotStart, find_place
from talentpool.embedded.servers import running_servers
from talentpool.embedded.state import locked_state
from talentpool.embedded.throwaway import throwaway_servers
from talentpool.embedded.watchdog import Watchdog

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(arguments: list[str]) -> int:
    """Run one command; its exit status. A CannotStart is printed as its one sentence."""
    parser = argparse.ArgumentParser(prog="python -m talentpool.embedded")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="the portal with its sample prefecture")
    demo.add_argument("--stop-with-parent", action="store_true", help="stop when make is gone")
    commands.add_parser("servers", help="only PostgreSQL and Valkey, with the demo's data")
    run = commands.add_parser("run", help="a command beside empty servers of its own")
    run.add_argument("argv", nargs=argparse.REMAINDER)
    given = parser.parse_args(arguments)
    for number in STOPPING:
        signal.signal(number, _stop_once)
    adopt_orphans()
    try:
        if given.command == "demo":
            run_demo(os.environ, stop_with_parent=given.stop_with_parent)
        elif given.command == "servers":
            _run_servers()
        else:
            return _run_command(given.argv)
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", flush=True)
    finally:
        collect_orphans()
    return 0


def _stop_once(number: int, frame: FrameType | None) -> None:
    """Leave by the `finally` blocks, undisturbed by a second Ctrl-C."""
    for each in STOPPING:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


def _run_servers() -> None:
    place = find_place()
    with locked_state(place, "servers") as lock:
        watchdog = Watchdog(lock)
        try:
            with running_servers(place, place.state, watchdog) as servers:
                for name, value in servers.environ().items():
                    print(f"{name}={value}", flush=True)
                signal.pause()
        finally:
            watchdog.end()


def _run_command(argv: list[str]) -> int:
    watchdog = Watchdog()
    try:
        with throwaway_servers(watchdog) as servers:
            return subprocess.run(
                argv,
                check=False,
                env={**os.environ, **servers.environ()},
                stdin=subprocess.DEVNULL,
                process_group=watchdog.group,
            ).returncode
    finally:
        watchdog.end()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
