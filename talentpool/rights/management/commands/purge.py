"""manage.py purge: remove what is past its term; --dry-run only says what that would be."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from talentpool.rights.services.purge import purge


class Command(BaseCommand):
    help = "Remove records that are past their retention term (B-06)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count, remove nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run = options["dry_run"]
        total = 0
        for purged in purge(dry_run=dry_run):
            total += purged.rows
            before = timezone.localtime(purged.ended_before).date()
            unsure = "" if purged.term.confirmed else "  [期間は未確認]"
            self.stdout.write(
                f"{purged.rows:8}件  {purged.term.what}（{purged.term.words}、"
                f"{before}より前）{unsure}"
            )
        words = "保存期間を過ぎた記録" if dry_run else "削除した記録"
        self.stdout.write(f"{total:8}件  {words}の合計")
