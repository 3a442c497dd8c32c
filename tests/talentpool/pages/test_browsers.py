"""Which browser signed in, in words."""

import pytest

from talentpool.pages.browsers import browser_words

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (f"{WINDOWS} Chrome/140.0.0.0 Safari/537.36", "Chrome（Windows）"),
        (f"{WINDOWS} Chrome/140.0.0.0 Safari/537.36 Edg/140.0", "Edge（Windows）"),
        (f"{IPHONE} Version/18.0 Safari/604.1", "Safari（iPhone）"),
        ("curl/8.5", "その他のブラウザー"),
    ],
)
def test_a_browser_is_named_as_its_owner_knows_it(user_agent: str, words: str) -> None:
    assert browser_words(user_agent) == words
