"""What the browser tests measure on a page."""

import gzip
from typing import Any

from playwright.sync_api import Page, Response

# Spacing that a reader may set (WCAG 1.4.12); nothing may be cut off by it.
TEXT_SPACING = """
  * { line-height: 1.5 !important; letter-spacing: .12em !important; }
  * { word-spacing: .16em !important; }
  p { margin-bottom: 2em !important; }
"""
WATCH_POLICY = """
  window.policyViolations = [];
  document.addEventListener("securitypolicyviolation", (event) => {
    window.policyViolations.push(event.violatedDirective + " " + event.blockedURI);
  });
"""


def watch_policy(page: Page) -> None:
    """Remember what the content security policy refused, from the next page on."""
    page.add_init_script(WATCH_POLICY)


def policy_violations(page: Page) -> list[str]:
    violations: list[str] = page.evaluate("window.policyViolations")
    return violations


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    width: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return width


def small_targets(page: Page, least: int, selector: str) -> list[str]:
    """Controls below `least` pixels; links inside running text are exempt (WCAG 2.5.8)."""
    found: list[str] = page.evaluate(
        """([least, selector]) => [...document.querySelectorAll(selector)].filter((element) => {
          const box = element.getBoundingClientRect();
          const text = element.closest("p, li, dd, td, .skip, .skip-to-content-link");
          const running = text && text.textContent.trim() !== element.textContent.trim();
          const choice = element.closest("label.choice");
          return box.width && !running && !choice && (box.height < least || box.width < least)
            && getComputedStyle(element).clipPath === "none";
        }).map((element) => element.outerHTML.slice(0, 120))""",
        [least, selector],
    )
    return found


def tab_walk(page: Page, most: int = 200) -> list[dict[str, Any]]:
    """Press Tab through the page; what had the focus, its outline, and whether it was covered."""
    walked: list[dict[str, Any]] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        step: dict[str, Any] | None = page.evaluate(
            """() => {
              const element = document.activeElement;
              if (!element || element === document.body) return null;
              const style = getComputedStyle(element);
              const box = element.getBoundingClientRect();
              const [x, y] = [box.left + Math.min(box.width / 2, 20), box.top + box.height / 2];
              const top = document.elementFromPoint(x, y);
              const seen = top && (element.contains(top) || top.contains(element));
              return {html: element.outerHTML.slice(0, 100), seen: Boolean(seen),
                      outline: parseFloat(style.outlineWidth), style: style.outlineStyle};
            }"""
        )
        if step is None:
            break
        walked.append(step)
    return walked


class Weight:
    """What a page costs: requests, and bytes as gzip sends them."""

    def __init__(self, page: Page) -> None:
        self.responses: list[Response] = []
        page.on("response", lambda response: self.responses.append(response))

    def total(self, kind: str = "") -> int:
        return sum(
            len(gzip.compress(response.body()))
            for response in self.responses
            if kind in response.headers.get("content-type", "")
        )

    def foreign(self, own: str) -> list[str]:
        return [r.url for r in self.responses if not r.url.startswith((own, "data:"))]
