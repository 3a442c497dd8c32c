"""The web server's log of requests."""

from typing import Any

from gunicorn.glogging import Logger

from talentpool.pages.masking import masked


class AccessLogger(Logger):
    """Gunicorn's log of requests: method, masked path, no query, no page that led here."""

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> dict[str, Any]:
        atoms: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        atoms["U"] = masked(environ.get("PATH_INFO") or "")
        atoms["r"] = f"{atoms['m']} {atoms['U']} {atoms['H']}"
        atoms["q"], atoms["f"] = "", "-"
        return atoms
