"""`manage.py ministry_export 2026-11 --out DIR`: the month's file for the ministry;
`manage.py ministry_export --verify`: are all months what they were when frozen?"""

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from municipalities.vacancies.difference import LABELS, Change
from municipalities.vacancies.errors import TooEarlyError, VacanciesError
from municipalities.vacancies.models import MinistryExport
from municipalities.vacancies.services import file_of, freeze_month, render, verify_exports
from municipalities.vacancies.services.exports import FILES
from talentpool.conventions.cells import UnencodableError


class Command(BaseCommand):
    help = (
        "Write the month's file. A month that was frozen is made again from its frozen rows, with"
        " the same bytes; one that was not is frozen now (as a draft, without a decision)."
        " --verify makes all files again, walks their chain, and fails naming the first broken one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("month", nargs="?", help="YYYY-MM")
        parser.add_argument("--out", type=Path, help="directory to write to")
        parser.add_argument(
            "--format",
            action="append",
            choices=FILES,
            help="what to write; may be given several times (default: csv, the file to be sent)",
        )
        parser.add_argument("--verify", action="store_true", help="check all months, write nothing")
        parser.add_argument(
            "--edition", type=int, help="version of the month (default: the newest)"
        )

        parser.add_argument(
            "--reason",
            default="",
            help="why a month that was given up is made again, or vacancies are held back",
        )
        parser.add_argument(
            "--hold-back",
            action="store_true",
            help="let vacancies wait that hold a value which the file cannot (needs --reason)",
        )

        parser.add_argument(
            "--early",
            action="store_true",
            help="freeze though the towns may still answer or were not asked yet; what they say"
            " then waits a month",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verify"]:
            self._verify()
        elif options["month"] and options["out"]:
            self._write(options)
        else:
            raise CommandError("give a month and --out DIR, or --verify")

    def _verify(self) -> None:
        checked, broken = verify_exports()
        if broken is not None:
            raise CommandError(
                f"{broken.month:%Y-%m} version {broken.version} is not what was frozen,"
                f" after {checked} batches."
            )
        self.stdout.write(f"{checked} batches, unbroken.")

    def _write(self, options: dict[str, Any]) -> None:
        try:
            month = date.fromisoformat(f"{options['month']}-01")
        except ValueError as error:
            raise CommandError(f"month must be YYYY-MM: {options['month']}") from error
        versions = MinistryExport.objects.filter(month=month).select_related("form_version")
        if options["edition"]:
            export = versions.filter(version=options["edition"]).first()
            if export is None:
                raise CommandError(f"{options['month']} has no version {options['edition']}")
        else:
            export = versions.exclude(status=MinistryExport.Status.DISCARDED).first()
        try:
            if export is None:
                export = freeze_month(
                    month,
                    by=None,
                    reason=options["reason"],
                    hold_back=options["hold_back"],
                    early=options["early"],
                )
            render(export)  # whatever is written, it is what was frozen
            files = [file_of(export, kind) for kind in options["format"] or ["csv"]]
        except TooEarlyError as error:
            raise CommandError(
                f"The towns may still answer for {options['month']}, or were not asked yet:"
                " it is frozen with --early only."
            ) from error
        except UnencodableError as error:
            raise CommandError(f"CP932 cannot hold all of it: {error}") from error
        except VacanciesError as error:
            raise CommandError(str(error)) from error
        directory: Path = options["out"]
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in files:
            (directory / name).write_bytes(content)
            self.stdout.write(f"{directory / name}")
        self.stdout.write(f"状態: {export.get_status_display()}(第{export.version}版)")
        self.stdout.write(f"行数: {export.row_count}")
        for change in Change:
            self.stdout.write(f"{LABELS[change]}: {export.counts[change.value]}")
        self.stdout.write(f"SHA-256: {export.sha256}")
        for name, content in files:
            if name != export.file_name:
                self.stdout.write(f"SHA-256 ({name}): {hashlib.sha256(content).hexdigest()}")
