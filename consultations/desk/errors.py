"""What a verb of the consultation desk may refuse."""


class Refused(Exception):
    """The verb is not possible as things stand now; nothing was changed. The message is Japanese
    and fit to be shown on the page."""
