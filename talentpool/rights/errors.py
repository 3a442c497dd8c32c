"""Why a verb is refused: a sentence in Japanese that the page shows."""


class Refused(Exception):
    """The verb is not possible as things stand now; nothing was changed."""
