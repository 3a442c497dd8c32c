"""Where a mail service hands back what could not be delivered, by HTTP (A-47).

The body is the report as it came (message/rfc822). `X-Timestamp` holds the second of sending,
`X-Signature` `sha256=` and the HMAC of `<timestamp>.<body>` under BOUNCE_WEBHOOK_SECRET. Nothing
is said about what the report holds: an answer must not tell whose address is known (A-08).
"""

import hashlib
import hmac
import logging
import time

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from municipalities.vacancies import services
from municipalities.vacancies.bounces import LONGEST

logger = logging.getLogger(__name__)

AWAY_SECONDS = 300  # how far the sender's clock may be off, and how long a report stays fresh


@csrf_exempt  # no cookie is read here: the signature is the right to post
@login_not_required
@require_POST
def take_bounce(request: HttpRequest) -> HttpResponse:
    """204 when taken, also the second time; 403 without a fresh, right signature; 413 when too
    large; 404 while no secret is set."""
    if not settings.BOUNCE_WEBHOOK_SECRET:
        raise Http404
    body = request.read(LONGEST + 1)  # never more, whatever length was announced
    if len(body) > LONGEST:
        return HttpResponse(status=413)
    sent_at = request.headers.get("X-Timestamp", "")
    signature = request.headers.get("X-Signature", "")
    if not (_is_fresh(sent_at) and hmac.compare_digest(_signature(sent_at, body), signature)):
        logger.warning("a report of returned mail without a right signature was refused")
        return HttpResponse(status=403)
    seen = f"bounce:{signature}"
    if cache.add(seen, True, 2 * AWAY_SECONDS):  # a copy of the same request does nothing
        try:
            kind = services.take_bounce(body)
        except Exception:
            cache.delete(seen)  # the service sends it again
            raise
        logger.info("a report of returned mail was taken as %s", kind)
    return HttpResponse(status=204)


def _is_fresh(sent_at: str) -> bool:
    return (
        sent_at.isascii()
        and sent_at.isdigit()
        and len(sent_at) <= 12
        and abs(time.time() - int(sent_at)) <= AWAY_SECONDS
    )


def _signature(sent_at: str, body: bytes) -> str:
    secret = settings.BOUNCE_WEBHOOK_SECRET.encode()
    return f"sha256={hmac.new(secret, sent_at.encode() + b'.' + body, hashlib.sha256).hexdigest()}"
