"""Refusals of the pool's verbs."""


class PoolRefused(Exception):
    """The verb is not possible now; the message is for the person who asked."""


class EditedMeanwhile(PoolRefused):
    """Somebody else saved the same since the page was opened (A-23)."""
