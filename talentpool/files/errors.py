"""Refusals of the room."""


class FileRefused(Exception):
    """The file is not taken; the message says to its owner why, and what to do instead."""
