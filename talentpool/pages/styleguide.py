"""Every part of a page in every state, for the eye and for the tests; not in production."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from talentpool.pages.fields import (
    HalfDaysField,
    JapaneseDateField,
    KatakanaField,
    MonthField,
    YenField,
)
from talentpool.pages.forms import FilterForm, PortalForm

LEVELS = [("", "---------"), ("2", "L2 指導のもとで行える"), ("3", "L3 ひとりで行える")]
PLACES = [("on_site", "来庁"), ("remote", "遠隔"), ("either", "どちらでもよい")]


class ExampleForm(PortalForm):
    """One field of each kind."""

    autocomplete = {"email": "email"}

    title = forms.CharField(label="案件の名前", max_length=60)
    kana = KatakanaField(label="ふりがな", max_length=60)
    email = forms.EmailField(label="メールアドレス", required=False)
    postal = forms.CharField(
        label="郵便番号", max_length=8, required=False, help_text="例：730-8511"
    )
    question = forms.CharField(
        label="相談したいこと",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="市町や個人の名前は書かないでください。",
    )
    level = forms.ChoiceField(label="求めるレベル", choices=LEVELS)
    place = forms.ChoiceField(label="場所", choices=PLACES, widget=forms.RadioSelect)
    towns = forms.MultipleChoiceField(
        label="名前を見せてよい市町",
        choices=[("342041", "三原市"), ("344621", "世羅町")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="引き受けるときだけ選びます。市町ごとに決められます。",
    )
    starts_on = JapaneseDateField(label="始める日")
    until = MonthField(label="いつまで", required=False)
    pay = YenField(label="日額の上限", help_text="旅費は含みません。")
    days = HalfDaysField(label="月に使う日数", min_value=1, max_value=40)
    people = forms.IntegerField(label="人数", min_value=1, max_value=99, required=False)
    paper = forms.FileField(label="仕様書の案", required=False, help_text="10MBまで。")
    agreed = forms.BooleanField(label="利益相反の確認を読みました")


class ExampleFilter(FilterForm):
    level = forms.ChoiceField(label="レベル", choices=LEVELS, required=False)
    word = forms.CharField(label="ことば", max_length=20, required=False)


WRONG: dict[str, Any] = {
    "title": "",
    "kana": "山田",
    "email": "yamada",
    "place": "",
    "starts_on_0": "令和9",
    "starts_on_1": "2",
    "starts_on_2": "30",
    "until_0": "20２7",
    "pay": "三万円",
    "days": "1.3",
    "people": "0",
}

QUEUE = [
    {
        "label": "今日まで",
        "kind": "late",
        "title": "三原市「住基標準化の移行計画」",
        "detail": "市の順位付け待ち。17時を過ぎると次点の候補で進みます",
        "url": "#q1",
        "action": "催促する",
    },
    {
        "label": "明日まで",
        "kind": "wait",
        "title": "人材 H-204 への打診",
        "detail": "意向の回答待ち。過ぎると次点 H-118 に自動で移ります",
        "due": date(2026, 11, 25),
        "url": "#q2",
        "action": "内容を見る",
    },
    {
        "label": "新着",
        "kind": "info",
        "title": "熊野町「セキュリティ監査の立会い」",
        "detail": "条件に合う人がいません。月2日に緩めると2人になります",
        "url": "#q3",
        "action": "理由を見る",
    },
]

FACTS = [
    {"label": "1件目が届く市町", "value": "21", "unit": "/ 21(上限 21)"},
    {"label": "満たした案件", "value": "43", "unit": "/ 60(上限 43)", "url": "#facts"},
    {"label": "適合点の合計", "value": "36,293", "unit": "(上限との差 0％)"},
    {"label": "空き(来月)", "value": "46", "unit": "半日"},
]

STEPS = ["案件を出す", "県の聞き取り", "候補の提示", "本人の意向", "面接", "決定", "契約"]


class _Page:
    """What components/pager.html asks of a page in the middle of a long list."""

    previous = "before"
    next = "after"
    size = 50


@login_not_required
def styleguide(request: HttpRequest) -> HttpResponse:
    """The guide; with ?errors=1 all fields of the form are wrong, a POST checks what was typed."""
    if request.method == "POST":
        form = ExampleForm(request.POST, request.FILES, prefix="ex")
    elif request.GET.get("errors"):
        form = ExampleForm({f"ex-{name}": text for name, text in WRONG.items()}, prefix="ex")
    else:
        form = ExampleForm(prefix="ex", initial={"starts_on": date(2027, 4, 1), "days": 5})
    return render(
        request,
        "pages/styleguide.html",
        {
            "form": form,
            "filters": ExampleFilter(prefix="f"),
            "queue": QUEUE,
            "facts": FACTS,
            "steps_labels": STEPS,
            "page": _Page(),
            "day": date(2026, 4, 1),
            "last": date(2027, 3, 31),
        },
    )
