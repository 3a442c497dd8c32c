"""`python -m talentpool.embedded COMMAND`: what the Makefile's targets call.

demo              the whole portal with its sample prefecture, until Ctrl-C
servers           only PostgreSQL and Valkey, until Ctrl-C, with the state of the demo
run COMMAND …     run a command beside servers of its own, whose data goes when it ends
"""

import argparse
import os
import signal
import subprocess
import sys
from types import FrameType

from talentpool.embedded.place import CannotStart, find_place
from talentpool.embedded.servers import running_servers
from talentpool.embedded.throwaway import throwaway_servers
from talentpool.embedded.watchdog import Watchdog


def main(arguments: list[str]) -> int:
    """Run one command; its exit status. A CannotStart is printed as its one sentence."""
    parser = argparse.ArgumentParser(prog="python -m talentpool.embedded")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="the portal with its sample prefecture")
    demo.add_argument("--stop-with-parent", action="store_true", help="stop when make is gone")
    commands.add_parser("servers", help="only PostgreSQL and Valkey")
    run = commands.add_parser("run", help="a command beside servers of its own")
    run.add_argument("argv", nargs=argparse.REMAINDER)
    given = parser.parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _as_ctrl_c)
    try:
        if given.command == "demo":
            from talentpool.embedded.demo import run_demo

            return run_demo(stop_with_parent=given.stop_with_parent)
        if given.command == "servers":
            return _servers()
        with throwaway_servers() as urls:
            environ = {**os.environ, **urls.environ()}
            return subprocess.run(given.argv, check=False, env=environ).returncode
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _as_ctrl_c(number: int, frame: FrameType | None) -> None:
    for again in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(again, signal.SIG_IGN)
    raise KeyboardInterrupt


def _servers() -> int:
    place = find_place()
    watchdog = Watchdog()
    try:
        with running_servers(place, place.state, watchdog) as urls:
            print(f"DATABASE_URL={urls.database}\nBROKER_URL={urls.broker}", flush=True)
            signal.pause()
    finally:
        watchdog.end()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
