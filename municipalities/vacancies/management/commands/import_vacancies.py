"""`manage.py import_vacancies FILE --municipality CODE [--by MAIL] [--dry-run] [--json]`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from municipalities.registry.models import Municipality
from municipalities.registry.problems import Problem
from municipalities.registry.querysets import is_coordinator, municipality_code_of
from municipalities.vacancies.cautions import cautions_of
from municipalities.vacancies.errors import VacanciesError
from municipalities.vacancies.models import VacancyImport
from municipalities.vacancies.services import check_file, write_entries
from talentpool.conventions.cells import UnreadableFileError
from talentpool.users.models import User


class Command(BaseCommand):
    help = "Check an Excel or CSV file of vacancies and write them as drafts of a municipality."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--municipality", required=True, help="six-digit code")
        parser.add_argument(
            "--by",
            metavar="MAIL",
            help="in whose name to write (default: the command line, nobody's)",
        )
        parser.add_argument("--dry-run", action="store_true", help="check only")
        parser.add_argument("--valid-only", action="store_true", help="write what has no problem")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        result: dict[str, Any] = {"vacancies": 0, "written": 0, "cautions": 0, "problems": []}
        try:
            self._import(options, result)
        except CommandError as error:
            result["refused"] = str(error)
            raise
        finally:
            if options["json"]:
                self.stdout.write(json.dumps(result, ensure_ascii=False))

    def _import(self, options: dict[str, Any], result: dict[str, Any]) -> None:
        """Check the file and write it; `result` tells what came of it so far."""
        town = Municipality.objects.in_prefecture().filter(code=options["municipality"]).first()
        if town is None:
            raise CommandError(f"no municipality of this prefecture: {options['municipality']}")
        by = _author(options["by"], town) if options["by"] else None
        try:
            entries = list(check_file(options["file"].read_bytes(), town))
        except OSError as error:
            raise CommandError(f"cannot read {options['file']}: {error.strerror}") from error
        except UnreadableFileError as error:
            raise CommandError(str(error)) from error
        problems = [problem for entry in entries for problem in entry.problems]
        result["vacancies"] = len(entries)
        result["cautions"] = sum(bool(cautions_of(entry.values)) for entry in entries)
        result["problems"] = [asdict(problem) for problem in problems]
        mode = VacancyImport.Mode.VALID if options["valid_only"] else VacancyImport.Mode.ALL
        if not options["dry_run"] and (options["valid_only"] or not problems):
            try:
                result["written"] = write_entries(entries, town, mode=mode, by=by)
            except VacanciesError as error:
                raise CommandError(str(error)) from error
        if not options["json"]:
            self._print(problems, result)
        if problems and not options["valid_only"] and not options["dry_run"]:
            raise CommandError("nothing was written: mend the problems or use --valid-only")

    def _print(self, problems: list[Problem], result: dict[str, Any]) -> None:
        for item in problems:
            place = "!".join(filter(None, [item.sheet, item.cell])) or "-"
            self.stdout.write(f"{place} {item.header}「{item.value}」 {item.message}")
        self.stdout.write(
            f"募集: {result['vacancies']} 問題: {len(problems)} 取込み: {result['written']}"
            f" 確かめてほしい募集: {result['cautions']}"
        )


def _author(email: str, town: Municipality) -> User:
    """The account in whose name is written: staff of the town, or a coordinator."""
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None or not (is_coordinator(user) or municipality_code_of(user) == town.code):
        raise CommandError(f"no account of {town} or of a coordinator has the address of --by")
    return user
