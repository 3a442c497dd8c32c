"""Log lines without what an address must not tell: what was typed, and links that open something.

Tokens travel in paths (an account, an invitation, a subscription) and typed words in queries; both
would stay in the log of the server long after the link was used (B-07, A-11).
"""

import logging
import re

HIDDEN = "***"
# A part of a path that no name of a page is: long, with a digit or a capital.
_TOKEN = re.compile(r"(?<=/)(?=[^/?\s]*[0-9A-Z])[A-Za-z0-9_=:.-]{20,}(?=[/?\s]|$)")


def masked(path: str) -> str:
    """The path with every token hidden and without a query."""
    return _TOKEN.sub(HIDDEN, path.partition("?")[0])


class MaskPaths(logging.Filter):
    """For lines that name a path as their argument, such as Django's of a lost page."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                masked(one) if isinstance(one, str) and one.startswith("/") else one
                for one in record.args
            )
        return True
