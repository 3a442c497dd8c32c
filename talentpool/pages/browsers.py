"""Which browser on which device signed in, in words that its owner knows again."""

# The first that is found names it: Edge calls itself Chrome too, and Chrome calls itself Safari.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


def browser_words(user_agent: str) -> str:
    """Such as Chrome（Windows）; その他 for what is not known."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "その他のブラウザー")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return f"{browser}（{system}）" if system else browser
