"""Dates, amounts and parts of a page."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.template import Context, Template, TemplateSyntaxError


def show(source: str, **context: Any) -> str:
    return Template("{% load portal %}" + source).render(Context(context))


DAY = date(2026, 4, 1)


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("{{ day|wareki }}", '<time datetime="2026-04-01">令和8年4月1日</time>'),
        (
            "{{ day|wareki_both }}",
            '<time datetime="2026-04-01">令和8年4月1日(2026年4月1日)</time>',
        ),
        ("{{ day|wareki_weekday }}", '<time datetime="2026-04-01">令和8年4月1日(水)</time>'),
        ("{{ nothing|wareki_both }}", ""),
        ("{{ day|month }}", "令和8年4月"),
        ("{{ day|month_span:last }}", "令和8年4月〜令和9年3月"),
        ("{{ day|month_span:nothing }}", ""),
        ("{{ amount|yen }}", "1,234,567円"),
        ("{{ 0|yen }}", "0円"),
        ("{{ nothing|yen }}", ""),
        ("{{ 6|half_days }}", "月3日(6半日)"),
        ("{{ nothing|half_days }}", ""),
    ],
)
def test_values_are_written_the_japanese_way(source: str, html: str) -> None:
    last = date(2027, 3, 31)
    assert show(source, day=DAY, last=last, nothing=None, amount=1234567) == html


def test_times_are_local() -> None:
    moment = datetime(2026, 3, 31, 15, 5, tzinfo=UTC)
    assert show("{{ moment|wareki }}", moment=moment).endswith(">令和8年4月1日</time>")
    assert show("{{ moment|wareki_time }}", moment=moment) == (
        '<time datetime="2026-04-01T00:05+09:00">令和8年4月1日 0時05分</time>'
    )


def test_a_state_is_a_shape_and_a_word() -> None:
    assert (
        show('{% status_tag "回答待ち" "wait" %}') == '<span class="tag tag--wait">回答待ち</span>'
    )
    assert "&lt;b&gt;" in show("{% status_tag label %}", label="<b>")


@pytest.mark.parametrize(
    "source", ['{% status_tag "x" "red" %}', '{% notice "red" "x" %}{% endnotice %}']
)
def test_an_unknown_kind_is_an_error_of_the_template(source: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="kind must be one of"):
        show(source)


def test_a_notice_keeps_markup_of_the_template_and_escapes_values() -> None:
    html = show('{% notice "warn" "期限" %}<p>{{ text }}</p>{% endnotice %}', text="<script>")
    assert html == (
        '<div class="notice notice--warn"><span class="tag tag--wait">期限</span>'
        "<div><p>&lt;script&gt;</p></div></div>"
    )


def test_the_steps_say_how_far() -> None:
    html = show("{% steps labels 2 %}", labels=["出す", "聞く", "決める"])
    assert "全3ステップ中、2ステップ目" in html
    assert html.count('aria-current="step"') == 1
    assert '<li aria-current="step">聞く</li>' in html
    assert '<li class="done">出す<span class="visually-hidden">（済み）</span></li>' in html


def test_steps_may_all_be_done() -> None:
    html = show("{% steps labels 3 %}", labels=["出す", "聞く"])
    assert "全2ステップが終わりました" in html
    assert html.count('class="done"') == 2


def test_progress_has_its_words_as_name() -> None:
    html = show('{% progress 19 23 "23市町のうち19が確認済み" %}')
    assert '<label class="progress"><span>23市町のうち19が確認済み</span>' in html
    assert '<progress value="19" max="23">' in html


def test_an_empty_list_says_what_why_and_what_next() -> None:
    html = show(
        '{% empty "契約はありません" "まだ決定がありません。" %}<a href="/">案件</a>{% endempty %}'
    )
    assert "契約はありません" in html
    assert "まだ決定がありません。" in html
    assert '<a href="/">案件</a>' in html


def test_crumbs_end_at_this_page() -> None:
    html = show('{% crumbs "案件" "/needs/" title "/needs/5/" "候補" %}', title="<更改>")
    assert '<li><a href="/needs/">案件</a></li>' in html
    assert '<li><a href="/needs/5/">&lt;更改&gt;</a></li>' in html
    assert html.endswith('<li aria-current="page">候補</li></ol></nav>')


def test_a_wide_table_scrolls_in_its_own_box() -> None:
    html = show('{% scroller "一覧" %}<table></table>{% endscroller %}')
    assert 'class="scroll" tabindex="0" role="region" aria-label="一覧"' in html


def test_buttons_of_the_queue_have_a_name_each() -> None:
    items = [
        {
            "title": "三原市",
            "detail": "待ち",
            "url": "#",
            "action": "見る",
            "label": "新着",
            "kind": "ok",
        }
    ]
    html = show('{% include "components/queue.html" %}', items=items)
    assert '見る<span class="visually-hidden">：三原市</span>' in html


def test_the_query_keeps_filters_and_escapes(rf: Any) -> None:
    request = rf.get("/", {"area": "備後&x", "cursor": "old"})
    source = '<a href="{% query cursor=next %}">{% query cursor=None %}'
    html = show(source, request=request, next="a b")
    assert html == (
        '<a href="?area=%E5%82%99%E5%BE%8C%26x&amp;cursor=a+b">?area=%E5%82%99%E5%BE%8C%26x'
    )


def test_the_confirm_page_names_what_is_touched() -> None:
    html = show(
        '{% include "components/confirm.html" %}',
        question="案件を取り下げますか",
        objects=["江田島市「更改」"],
        consequence="候補の方には県から伝えます。",
        danger=True,
        action_label="取り下げる",
        cancel_url="/town/",
    )
    assert "<h1>案件を取り下げますか</h1>" in html
    assert "<li>江田島市「更改」</li>" in html
    assert "元に戻せません" in html
    assert "button--danger" in html
    assert 'href="/town/"' in html
    assert 'method="post" novalidate' in html
