"""manage.py refit_confidence: find the parameters of the confidence from the portal's answers."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.services.fits import refit


class Command(BaseCommand):
    help = (
        "Fit the half-life and the weights of the confidence on one half of the people, check on "
        "the other, and keep the result for a coordinator to confirm."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            row = refit()
        except PoolRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        values = row.values
        self.stdout.write(f"{row}（管理画面で、使うかどうかを決めてください）")
        self.stdout.write(f"  使った回答 {row.answers}件、確かめた回答 {row.held_back}件")
        self.stdout.write(
            f"  半減期 {values.half_life:.1f}日、手がかりの半減期 {values.signal_half_life:.1f}日"
        )
        self.stdout.write(
            f"  外れ方（小さいほどよい） 新しい値 {row.brier:.4f}、いまの値 {row.brier_now:.4f}、"
            f"薄れないとしたとき {row.brier_no_decay:.4f}"
        )
        self.stdout.write(f"  10区分でいちばん大きなずれ {row.worst_points:.1f}ポイント")
