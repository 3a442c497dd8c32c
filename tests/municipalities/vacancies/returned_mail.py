"""Mail that came back, as the systems that send it write it: 36 samples with their class."""

from municipalities.vacancies.bounces import Kind

TOKEN = "Zq3vXy8Lm2Nw5Rt7Uk9Pa1Sd4Fg6Hj0Bc2Ve4Xz6Nm8"
OURS = f"""From: no-reply@pool.example.jp
To: reader@example.com
Subject: news
Message-ID: <abc@talentpool>
List-Unsubscribe: <https://pool.example.jp/unsubscribe/{TOKEN}/>
"""


def report(
    status: str,
    diagnostic: str = "",
    *,
    action: str = "failed",
    original: str = OURS,
    address: str = "reader@example.com",
    to: str = "",
) -> bytes:
    """A delivery report of RFC 3464."""
    lines = [f"Final-Recipient: rfc822; {address}", f"Action: {action}", f"Status: {status}"]
    if to:
        lines.insert(0, f"Original-Recipient: rfc822;{to}")
    if diagnostic:
        lines.append(f"Diagnostic-Code: smtp; {diagnostic}")
    block = "\n".join(lines)
    return f"""From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: no-reply@pool.example.jp
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.net.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

{block}

--b1
Content-Type: text/rfc822-headers

{original}
--b1--
""".encode()


def complaint(kind: str = "abuse") -> bytes:
    """A feedback report of RFC 5965."""
    return f"""From: feedback@isp.example.net
To: no-reply@pool.example.jp
Subject: FW: news
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b2"

--b2
Content-Type: text/plain

This is an abuse report.

--b2
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Feedback/1.0
Version: 1
Original-Rcpt-To: reader@example.com

--b2
Content-Type: message/rfc822

{OURS}
hello
--b2--
""".encode()


def words(sender: str, subject: str, body: str, headers: str = "") -> bytes:
    """A report without a machine-readable part."""
    return (
        f"From: {sender}\nTo: no-reply@pool.example.jp\nSubject: {subject}\n{headers}"
        f"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
    ).encode()


QMAIL = """Hi. This is the qmail-send program at mx.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.

<reader@example.com>:
192.0.2.1 does not like recipient.
Remote host said: {reply}

--- Below this line is a copy of the message.

"""
EXIM = """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its recipients.

  reader@example.com
    {reply}

------ This is a copy of the message, including all the headers. ------

"""
DAEMON = "MAILER-DAEMON@mx.example.net"
X_FAILED = "X-Failed-Recipients: reader@example.com\n"
HARD, SOFT, COMPLAINT, OTHER = Kind.HARD, Kind.SOFT, Kind.COMPLAINT, Kind.OTHER

SAMPLES: dict[str, tuple[bytes, Kind]] = {
    "postfix, unknown user": (
        report("5.1.1", "550 5.1.1 <reader@example.com>: Recipient address rejected: User unknown"),
        HARD,
    ),
    "exchange, no such recipient": (
        report("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found"),
        HARD,
    ),
    "gmail, no such user": (
        report("5.1.1", "550-5.1.1 The email account that you tried to reach does not exist."),
        HARD,
    ),
    "gmail, disabled": (
        report("5.2.1", "550 5.2.1 The email account that you tried to reach is disabled."),
        HARD,
    ),
    "no such domain": (report("5.1.2", "Host or domain name not found."), HARD),
    "null mx": (report("5.1.10", "556 5.1.10 Domain does not accept mail (nullMX)"), HARD),
    "moved": (report("5.1.6", "551 5.1.6 mailbox has moved"), HARD),
    "no diagnostic": (report("5.1.1"), HARD),
    "status of a relay, words of the other side": (
        report("5.0.0", "550 Invalid recipient"),
        HARD,
    ),
    "docomo": (
        report("5.0.0", "550 Unknown user reader@example.com", to="reader@example.com"),
        HARD,
    ),
    "mailbox full": (report("5.2.2", "552 5.2.2 Mailbox full"), SOFT),
    "over quota": (report("4.2.2", "452 4.2.2 The email account is over quota"), SOFT),
    "too large": (report("5.3.4", "552 5.3.4 Message size exceeds fixed limit"), SOFT),
    "greylisted to the end": (report("4.7.1", "451 4.7.1 Greylisting in action"), SOFT),
    "host away": (report("4.4.1", "connect to mx.example.com: Connection timed out"), SOFT),
    "host away for days": (report("5.4.7", "Delivery expired: Connection refused"), SOFT),
    "spam policy": (
        report("5.7.1", "554 5.7.1 Message rejected due to content policy"),
        SOFT,
    ),
    "no dkim": (report("5.7.26", "550-5.7.26 unauthenticated mail is prohibited"), SOFT),
    "routing loop": (report("5.4.6", "554 5.4.6 Too many hops"), SOFT),
    "disk of the other side": (report("4.3.1", "452 4.3.1 Insufficient system storage"), SOFT),
    "delayed": (report("4.4.1", "Connection refused", action="delayed"), OTHER),
    "relayed": (report("2.1.5", action="relayed"), OTHER),
    "delivered": (report("2.0.0", action="delivered"), OTHER),
    "abuse": (complaint(), COMPLAINT),
    "not spam after all": (complaint("not-spam"), OTHER),
    "qmail, unknown": (
        words(DAEMON, "failure notice", QMAIL.format(reply="550 no such user here") + OURS),
        HARD,
    ),
    "qmail, full": (
        words(DAEMON, "failure notice", QMAIL.format(reply="552 mailbox full") + OURS),
        SOFT,
    ),
    "exim, unknown": (
        words(
            "Mail Delivery System <Mailer-Daemon@mx.example.net>",
            "Mail delivery failed: returning message to sender",
            EXIM.format(reply="550 Unrouteable address: user unknown") + OURS,
            X_FAILED,
        ),
        HARD,
    ),
    "exim, later": (
        words(
            "Mailer-Daemon@mx.example.net",
            "Mail delivery failed: returning message to sender",
            EXIM.format(reply="421 Service temporarily unavailable") + OURS,
            X_FAILED,
        ),
        SOFT,
    ),
    "carrier in Japanese": (
        words(
            "postmaster@carrier.example.jp",
            "配信不能通知",
            "宛先 reader@example.com が見つかりません。",
        ),
        HARD,
    ),
    "carrier, full": (
        words(DAEMON, "Mail System Error - Returned Mail", "reader@example.com 容量を超えています"),
        SOFT,
    ),
    "on holiday": (
        words(
            "reader@example.com",
            "不在のお知らせ",
            "来週まで休みです。",
            "Auto-Submitted: auto-replied\n",
        ),
        OTHER,
    ),
    "holiday of an old system": (
        words("reader@example.com", "Out of office", "550 km away", "Precedence: auto_reply\n"),
        OTHER,
    ),
    "a person answers": (words("reader@example.com", "Re: 募集", "550円でしょうか。"), OTHER),
    "advertising": (words("ads@example.net", "特価", "user unknown を解決"), OTHER),
    "no mail at all": (b"\x00\xff\xfe not a message", OTHER),
}
