"""What a field becomes when the person it tells of is erased."""

from collections.abc import Iterator
from typing import Any

from django.db import models

from talentpool.privacy.inventory import IDENTIFYING, Table

ERASED_WORD = "削除済み"


def cannot_be_emptied(model: type[models.Model], table: Table) -> Iterator[str]:
    """Names of fields that an erasure would have to empty and cannot."""
    if not table.person or table.delete:
        return
    for name, data_class in table.named():
        if data_class in IDENTIFYING and name not in table.erased:
            try:
                empty_value(model._meta.get_field(name), 0)
            except ValueError:
                yield name


def empty_value(one: Any, pk: Any) -> Any:
    """The value without content: nothing, the default, an empty text or zero. Raises ValueError
    where the field has none of them."""
    if one.many_to_many or one.null:
        return None
    if one.has_default():
        return one.get_default()
    if isinstance(one, models.CharField | models.TextField | models.FileField):
        if one.unique:
            return f"erased-{pk}"[: one.max_length]
        return "" if one.blank else ERASED_WORD[: one.max_length]
    if isinstance(one, models.IntegerField | models.DecimalField):
        return 0
    if isinstance(one, models.BooleanField):
        return False
    raise ValueError(one.name)
