"""What is left of an erased person: a mark that nobody can read, and the terms of keeping."""

from django.db import models


class Tombstone(models.Model):
    """A keyed digest of an erased person's address or name: an import that would bring the person
    back is stopped by it, and nobody can read from it who it was (B-05)."""

    digest = models.CharField(max_length=64, primary_key=True)
    erased_on = models.DateField("削除日", auto_now_add=True)

    class Meta:
        verbose_name = "削除した人の目印"
        verbose_name_plural = "削除した人の目印"

    def __str__(self) -> str:
        return self.digest[:8]
