"""`manage.py take_bounces [DIR]`: act on mail that came back; one message on standard input, or
every message in a directory (a Maildir's `new`), which is removed once it was taken."""

import sys
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from municipalities.vacancies.services import take_bounce


class Command(BaseCommand):
    help = "Class mail that came back and stop writing to addresses that do not exist."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path, nargs="?", help="default: standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        directory: Path | None = options["directory"]
        taken: Counter[str] = Counter()
        if directory is None:
            taken[take_bounce(sys.stdin.buffer.read())] += 1
        elif not directory.is_dir():
            raise CommandError(f"no such directory: {directory}")
        else:
            for path in sorted(path for path in directory.iterdir() if path.is_file()):
                taken[take_bounce(path.read_bytes())] += 1
                path.unlink()
        self.stdout.write(" ".join(f"{kind}={count}" for kind, count in sorted(taken.items())))
