"""One gate for every state machine of the coordination.

A model's TRANSITIONS names each verb with the states it starts from and the one it ends in. The
services go through `move`, the buttons ask `can`, the tests read the same table.
"""

from typing import Any, ClassVar

from django.db import models

from matching.proposals.errors import Refused

Transitions = dict[str, tuple[tuple[Any, ...], Any]]


class Moving(models.Model):
    """A row with a `status` that changes by verbs only."""

    TRANSITIONS: ClassVar[Transitions]
    status: Any

    class Meta:
        abstract = True

    def allows(self, verb: str) -> bool:
        """Whether the verb is possible in the present state."""
        return self.status in self.TRANSITIONS[verb][0]

    @property
    def can(self) -> dict[str, bool]:
        """All verbs with whether each is possible, for the buttons: `bundle.can.sign`."""
        return {verb: self.allows(verb) for verb in self.TRANSITIONS}

    def move(self, verb: str, refusal: str = "") -> None:
        """Take the state that the verb ends in; the caller holds the lock and saves.

        Raises Refused with `refusal`, or with a general sentence, in a wrong state.
        """
        if not self.allows(verb):
            raise Refused(
                refusal
                or f"いまは「{self.get_status_display()}」のため、この操作はできません。"  # type: ignore[attr-defined]
                "ほかの人が先に進めたか、画面が古くなっています。"
            )
        self.status = self.TRANSITIONS[verb][1]
