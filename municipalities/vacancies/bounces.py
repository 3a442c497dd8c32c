"""What a mail that came back says: delivery reports (RFC 3464), complaints (RFC 5965), and the
reports of older mail systems in words. No database, no clock (A-47).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from enum import StrEnum


class Kind(StrEnum):
    """HARD: the address does not exist. SOFT: it did not work this time. COMPLAINT: the reader
    called it spam. OTHER: anything else, such as an answer of somebody's holiday."""

    HARD = "hard"
    SOFT = "soft"
    COMPLAINT = "complaint"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Bounce:
    """`addresses` are those that the report names, in lower case; `token` is the subscription's,
    when our own header came back with the report: only then is it surely about a mail of ours."""

    kind: Kind
    addresses: tuple[str, ...] = ()
    token: str = ""


LONGEST = 2 * 1024 * 1024  # bytes of a report that are read
MOST_ADDRESSES = 20
_TOKEN = re.compile(r"/unsubscribe/([\w-]{20,64})/")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_SMTP_CODE = re.compile(r"\b([45])\d\d[ -]")
# Refusals that say nothing against the address: full, too large, routing, security or policy.
_NOT_THE_ADDRESS = {("2", "2"), ("2", "3")}
_SOFT_CLASSES = {"3", "4", "6", "7"}
_UNKNOWN = re.compile(
    r"user unknown|unknown user|no such (user|address|mailbox|recipient)|does not exist|"
    r"mailbox (is )?(unavailable|not found|disabled|inactive)|address rejected|recipient rejected|"
    r"account (is |has been )?(disabled|closed|suspended)|invalid (recipient|mailbox|address)|"
    r"host (or domain name )?not found|couldn't find any host|"
    r"宛先.{0,80}(見つかりません|存在しません)",
    re.IGNORECASE,
)
_FOR_NOW = re.compile(
    r"mailbox (is )?full|over ?quota|quota exceeded|try again|temporar|timed? ?out|greylist|"
    r"too large|size limit|rate limit|connection refused|容量|一時的",
    re.IGNORECASE,
)
_SENDERS = re.compile(r"mailer-daemon|postmaster|mail delivery|mail-daemon", re.IGNORECASE)
_SUBJECTS = re.compile(
    r"undeliver|returned mail|delivery (status|failure|has failed)|failure notice|"
    r"mail (system error|delivery (failed|subsystem))|配信不能|配信できません",
    re.IGNORECASE,
)


def read_bounce(raw: bytes) -> Bounce:
    """Class one message. Never raises: what cannot be read is OTHER."""
    try:
        message = message_from_bytes(raw[:LONGEST], policy=policy.default)
        return _class(message)
    except Exception:  # whatever the parser stumbles over in a hostile message
        return Bounce(Kind.OTHER)


def _class(message: Message) -> Bounce:
    token = _token_of(message)
    report = str(message.get_param("report-type") or "").lower()
    if message.get_content_type() == "multipart/report" and report == "feedback-report":
        return _complaint(message, token)
    if _is_answer(message):
        return Bounce(Kind.OTHER, (), token)
    blocks = list(_status_blocks(message))
    if blocks:
        return _from_blocks(blocks, token)
    return _from_words(message, token)


def _is_answer(message: Message) -> bool:
    """An automatic answer of a person's mailbox."""
    submitted = str(message.get("Auto-Submitted", "")).lower()
    precedence = str(message.get("Precedence", "")).lower()
    return (
        submitted.startswith("auto-replied")
        and message.get_content_type() != "multipart/report"
        and not _SENDERS.search(str(message.get("From", "")))
    ) or ("auto_reply" in precedence or message.get("X-Autoreply") is not None)


def _status_blocks(message: Message) -> Iterator[Message]:
    """The blocks about recipients of a delivery report; the first block is about the mail."""
    for part in message.walk():
        if part.get_content_type() in {"message/delivery-status", "message/global-delivery-status"}:
            content = part.get_payload()
            for block in content if isinstance(content, list) else []:
                if isinstance(block, Message) and block.get("Action"):
                    yield block


def _from_blocks(blocks: list[Message], token: str) -> Bounce:
    kinds: dict[Kind, list[str]] = {}
    for block in blocks[:MOST_ADDRESSES]:
        kind = _kind_of_block(block)
        for name in ("Original-Recipient", "Final-Recipient"):
            kinds.setdefault(kind, []).extend(_addresses(str(block.get(name, ""))))
    for kind in (Kind.HARD, Kind.SOFT):
        if kind in kinds:
            return Bounce(kind, tuple(dict.fromkeys(kinds[kind])), token)
    return Bounce(Kind.OTHER, (), token)


def _kind_of_block(block: Message) -> Kind:
    if str(block.get("Action", "")).strip().lower() != "failed":
        return Kind.OTHER  # delayed: still on its way; delivered, relayed, expanded: it arrived
    words = str(block.get("Diagnostic-Code", ""))
    # The other side's own words come before a status that a relay has made of them.
    status = _STATUS.search(words) or _STATUS.search(str(block.get("Status", "")))
    return _kind_of(status, words)


def _kind_of(status: re.Match[str] | None, words: str) -> Kind:
    if status is not None and status[1] == "4":
        return Kind.SOFT
    if _UNKNOWN.search(words) and not _FOR_NOW.search(words):
        return Kind.HARD
    if _FOR_NOW.search(words):
        return Kind.SOFT
    if status is None:
        code = _SMTP_CODE.search(words)
        return Kind.HARD if code is not None and code[1] == "5" else Kind.SOFT
    if (status[2], status[3]) in _NOT_THE_ADDRESS or status[2] in _SOFT_CLASSES:
        return Kind.SOFT
    return Kind.HARD if status[1] == "5" else Kind.SOFT


def _complaint(message: Message, token: str) -> Bounce:
    for part in message.walk():
        if part.get_content_type() != "message/feedback-report":
            continue
        content = part.get_payload()
        block = content[0] if isinstance(content, list) and content else part
        fields = _headers_of(block)
        if fields.get("feedback-type", "").strip().lower() in {"not-spam", "virus"}:
            return Bounce(Kind.OTHER, (), token)
        named = fields.get("original-rcpt-to", "") + " " + fields.get("removal-recipient", "")
        return Bounce(Kind.COMPLAINT, _addresses(named), token)
    return Bounce(Kind.OTHER, (), token)


def _headers_of(part: object) -> dict[str, str]:
    """The fields of a report, whether the parser saw them as headers or as text."""
    if isinstance(part, Message) and part.get("Feedback-Type"):
        return {key.lower(): str(value) for key, value in part.items()}
    text = _text_of(part) if isinstance(part, Message) else str(part)
    pairs = (line.partition(":") for line in text.splitlines() if ":" in line)
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def _from_words(message: Message, token: str) -> Bounce:
    """Reports without a machine-readable part: qmail, Exim, carriers."""
    sender, subject = str(message.get("From", "")), str(message.get("Subject", ""))
    if not (_SENDERS.search(sender) or _SUBJECTS.search(subject)):
        return Bounce(Kind.OTHER, (), token)
    text = _text_of(message)
    # What follows is our own mail, which may hold anything.
    words = re.split(r"(?im)^-+ ?(below this line|this is a copy|original message)", text)[0]
    status = _STATUS.search(words)
    if status is None and not (
        _UNKNOWN.search(words) or _FOR_NOW.search(words) or _SMTP_CODE.search(words)
    ):
        return Bounce(Kind.OTHER, (), token)
    named = str(message.get("X-Failed-Recipients", "")) or words
    return Bounce(_kind_of(status, words), _addresses(named), token)


def _token_of(message: Message) -> str:
    """The token in the List-Unsubscribe header of our mail, as it came back with the report."""
    for part in message.walk():
        if part is message:
            continue
        found = _TOKEN.search(str(part.get("List-Unsubscribe", "")))
        if found is None and part.get_content_type() in {"text/rfc822-headers", "text/plain"}:
            found = _TOKEN.search(_text_of(part))
        if found is not None:
            return found[1]
    if not message.is_multipart():
        found = _TOKEN.search(_text_of(message))
        return found[1] if found is not None else ""
    return ""


def _text_of(part: Message) -> str:
    """The readable text of a part, or of the first readable part in it."""
    if part.is_multipart():
        return next((_text_of(inner) for inner in part.walk() if not inner.is_multipart()), "")
    try:
        if isinstance(part, EmailMessage):
            return str(part.get_content())
    except (LookupError, ValueError, KeyError):
        pass
    content = part.get_payload(decode=True)
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""


def _addresses(text: str) -> tuple[str, ...]:
    """The addresses in a text, each once, in lower case."""
    found = (address.lower() for address in _ADDRESS.findall(text.replace("rfc822;", " ")))
    return tuple(dict.fromkeys(found))[:MOST_ADDRESSES]
