"""The five classes of information that every field of every table belongs to (B-03).

Source: the prefectures' information security policies, which sort information by what a leak would
do; 要配慮 is the word of 個人情報保護法2条3項.
"""

from enum import StrEnum


class DataClass(StrEnum):
    """公開: anybody may read it. 庁内: for staff, tells of no person. 個人: of a living person.
    要配慮: of a person and apt to harm. 秘密: opens something, or would distort a procurement."""

    PUBLIC = "公開"
    INTERNAL = "庁内"
    PERSONAL = "個人"
    SENSITIVE = "要配慮"
    SECRET = "秘密"  # noqa: S105 - a word for a class, no password
