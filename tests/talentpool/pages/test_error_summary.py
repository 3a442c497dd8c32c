"""One summary at the top with links to the fields, and a title that says so (C-06)."""

import re
from collections.abc import Callable
from typing import Any

import django_filters
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import engines
from django.test import Client, RequestFactory

from municipalities.registry.models import Municipality
from talentpool.pages.errors import refuse
from talentpool.pages.fields import JapaneseDateField
from talentpool.pages.forms import PortalForm
from talentpool.users.models import User

PAGE = engines["django"].from_string(
    '{% extends "base.html" %}{% block title %}入力{% endblock %}'
    "{% block content %}<h1>入力</h1>{{ form }}{% endblock %}"
)


class Example(PortalForm):
    name = forms.CharField(label="氏名")
    day = JapaneseDateField(label="始める日")
    place = forms.ChoiceField(choices=[("a", "来庁")], widget=forms.RadioSelect, label="場所")
    secret = forms.IntegerField(widget=forms.HiddenInput)

    def clean(self) -> None:
        raise forms.ValidationError("人と日の組合せが、ほかの契約と重なっています。")


class Reason(PortalForm):
    text = forms.CharField(label="理由")


def page(**context: Any) -> str:
    request = RequestFactory().get("/help/")
    request.user = AnonymousUser()
    return str(PAGE.render(context, request))


def test_each_error_is_listed_with_a_link_to_its_control() -> None:
    html = page(form=Example({"day_0": "2027", "day_1": "4"}))
    summary = re.search(r'<div class="notice notice--error error-summary".*?</ul>', html, re.S)
    assert summary is not None
    assert re.findall(r'<li>(?:<a href="#(.*?)">)?(.*?)(?:</a>)?</li>', summary[0]) == [
        ("", "人と日の組合せが、ほかの契約と重なっています。"),
        ("id_name", "氏名を入れてください。"),
        ("id_day_0", "始める日：日を入れてください。"),
        ("id_place_0", "場所を選んでください。"),
        ("", "この画面は古くなっています。開き直してから、もう一度送ってください。"),
    ]
    for target in ("id_name", "id_day_0", "id_place_0"):
        assert f'id="{target}"' in html


def test_title_begins_with_the_number_of_errors() -> None:
    html = page(form=Example({"name": "山", "place": "a", "secret": "1"}))
    assert "<title>エラー：2か所｜入力｜ひろしま情報人材プール</title>" in html
    assert "エラー：2か所を直してください" in html


def test_a_refusal_of_what_is_right_asks_for_no_mending() -> None:
    """Of the whole form, or beside the field that it is about; else the places are counted."""
    whole = page(form=Example({"name": "山", "day_0": "2027", "day_1": "4", "day_2": "1",
                               "place": "a", "secret": "1"}))  # fmt: skip
    beside = Reason({"text": "甲"})
    assert beside.is_valid()
    refuse(beside, "ほかの人が、先に答えました。", beside="text")
    linked = '<a href="#id_text">理由：ほかの人が、先に答えました。</a>'
    for html, text in [(whole, "重なっています"), (page(form=beside), linked)]:
        assert "<title>エラー：受け付けられませんでした｜入力｜" in html
        assert "<h2>エラー：受け付けられませんでした</h2>" in html
        assert text in html
    html = page(forms=[beside, Reason({}, prefix="b")])
    assert "エラー：1か所を直してください" in html


def test_summary_takes_the_focus_without_javascript() -> None:
    assert re.search(r'role="alert" tabindex="-1" autofocus id="errors"', page(form=Example({})))


def test_an_untouched_form_has_no_summary() -> None:
    html = page(form=Example())
    assert "エラー" not in html
    assert "<title>入力｜" in html


def test_every_form_of_the_page_is_heard() -> None:
    class Filter(django_filters.FilterSet):
        day = django_filters.NumberFilter(label="日数")

        class Meta:
            model = Municipality
            fields: list[str] = []

    formset = forms.formset_factory(Example, extra=1, min_num=1, validate_min=True)
    data = {"rows-TOTAL_FORMS": "1", "rows-INITIAL_FORMS": "0", "rows-0-name": "山"}
    html = page(
        first=Example({}),
        several=[Example({}, prefix="a"), Example({}, prefix="b")],
        rows=formset(data, prefix="rows"),
        filter=Filter({"day": "x"}, queryset=Municipality.objects.none()),
    )
    for target in ("id_name", "id_a-name", "id_b-name", "id_rows-0-day_0", "id_day"):
        assert f'href="#{target}"' in html


def test_looking_for_forms_opens_no_session_and_sets_no_cookie(client: Client) -> None:
    """A page without a form stays free of cookies: the token is lazy and must not be looked at."""
    response = client.get("/help/")
    assert response.status_code == 200
    assert not response.cookies


def test_errors_of_the_sign_in_form_are_in_the_summary(client: Client, db: None) -> None:
    html = client.post("/account/login/", {"login": "", "password": ""}).content.decode()
    assert "<title>エラー：2か所｜サインイン｜" in html
    assert '<a href="#id_login">メールアドレスを入れてください。</a>' in html
    assert '<a href="#id_password">パスワードを入れてください。</a>' in html


def test_the_admin_has_the_same_summary(
    coordinator: User, client_of: Callable[[User], Client]
) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return render(request, "admin/base_site.html", {"form": Example({}), "title": "承認"})

    request = RequestFactory().get("/admin/")
    request.user = coordinator
    html = view(request).content.decode()
    assert '<a href="#id_name">氏名を入れてください。</a>' in html
    assert re.search(r"<title>エラー：\d+か所｜承認｜", html)
