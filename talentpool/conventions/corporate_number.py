"""法人番号 (thirteen digits) and the registration number of a qualified invoice issuer.

Source: sources.md 7.3 (S-112, and the ministerial ordinance S-113). The first digit is the
check digit of the other twelve.
"""

import re

from talentpool.conventions import lg_code

_BASE = re.compile(r"[0-9]{12}")
_NUMBER = re.compile(r"[0-9]{13}")
_INVOICE = re.compile(r"T[0-9]{13}")


def check_digit(base: str) -> str:
    """Return the check digit of the twelve base digits; raises ValueError on anything else."""
    if _BASE.fullmatch(base) is None:
        raise ValueError("法人番号の基礎番号は、半角数字12桁です。")
    total = sum(
        int(digit) * (1 if place % 2 else 2) for place, digit in enumerate(reversed(base), start=1)
    )
    return str(9 - total % 9)


def is_valid(number: str) -> bool:
    """Whether `number` is thirteen ASCII digits with the right check digit in front."""
    return _NUMBER.fullmatch(number) is not None and number[0] == check_digit(number[1:])


def is_valid_invoice_number(number: str, *, corporate: bool) -> bool:
    """Whether `number` can be an invoice registration number: T and thirteen digits.

    For a corporation the digits are its 法人番号. For a sole proprietor they are not, and no
    published rule for their check digit is known, so only the shape is looked at.
    """
    if _INVOICE.fullmatch(number) is None:
        return False
    return is_valid(number[1:]) if corporate else True


def of_local_body(code: str) -> str:
    """Return the 法人番号 of a local body: check digit, 000020, its six-digit code.

    The pattern is unconfirmed (sources.md 7.2): show the result as a proposal to be checked.
    Raises ValueError when the code is not valid.
    """
    if not lg_code.is_valid(code):
        raise ValueError("団体コードは、検査数字を含む半角数字6桁です。")
    base = "000020" + code
    return check_digit(base) + base
