"""Limits on what anybody may do without signing in, and on mail that an account from outside the
offices may cause (A-09), counted in the shared cache."""

import logging
import math
import time

from allauth.core.internal.ratelimit import consume, get_cache_key, get_rates
from django import forms
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from redis.exceptions import RedisError

# action: how many in which time by what. The same form as allauth's own limits. An office stands
# behind one address: what is read has several times what one person has (quality A-09).
RATES = {
    "ask": "5/h/ip",
    "subscribe": "5/h/ip",
    "register": "10/h/ip",
    "invite": "30/h/user",
    "search": "300/m/ip",
    "export": "60/h/ip",
    "feed": "600/h/ip",
}
# Reading goes on uncounted while the cache is away; what is sent waits for it.
READS = {"search", "export", "feed"}
APP = "pages"
CACHE_AWAY = (
    "システムの不具合のため、いまは受け付けられません。入れたものは、このまま残っています。"
    "しばらく待ってから、もう一度送ってください。"
)
logger = logging.getLogger(__name__)


def over_limit(request: HttpRequest, action: str) -> HttpResponse | None:
    """Count one use of the action; the page that refuses it when there were too many."""
    minutes = _minutes_to_wait(request, action)
    return too_many(request, minutes) if minutes else None


def limit_status(request: HttpRequest, action: str, form: forms.BaseForm) -> int:
    """Count one valid form: 200 when it may go on, else the status with which to show the form
    again, which says why and keeps what was typed: 429 after too many, 503 while the cache is away.
    """
    try:
        minutes = _minutes_to_wait(request, action)
    except RedisError:
        logger.exception("the cache is away: %s is not taken", action)
        form.add_error(None, CACHE_AWAY)
        return 503
    if minutes:
        form.add_error(
            None,
            "短い時間に何度も送られたため、まだ受け付けていません。入れたものは、このまま残って"
            f"います。{minutes}分ほど待ってから、もう一度送ってください。",
        )
    return 429 if minutes else 200


def too_many(request: HttpRequest, minutes: int) -> HttpResponse:
    """The page that says in how many minutes to try again."""
    response = render(request, "429.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(60 * minutes)
    return response


def _minutes_to_wait(request: HttpRequest, action: str) -> int:
    """Count one use; 0 when it may go on, else the minutes until the next one may."""
    try:
        return _counted(request, action)
    except RedisError:
        if action not in READS:
            raise
        logger.warning("the cache is away: %s is not limited", action)
        return 0


def _counted(request: HttpRequest, action: str) -> int:
    if consume(request, app=APP, action=action, config=RATES, limit_get=True) is not None:
        return 0
    waits = [1]
    for rate in get_rates(app=APP, action=action, config=RATES):
        times = cache.get(get_cache_key(request, app=APP, action=action, rate=rate), [])
        if len(times) >= rate.amount:  # the newest first
            left = times[rate.amount - 1] + rate.duration - time.time()
            waits.append(math.ceil(left / 60))
    return max(waits)
