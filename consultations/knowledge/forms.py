"""Forms of sharing."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms

from consultations.desk.models import Consultation
from consultations.knowledge.models import Article
from consultations.knowledge.querysets import ArticleQuerySet
from consultations.knowledge.services import traces_in
from talentpool.pages.forms import FilterForm, PortalForm
from talentpool.pages.search import few_words
from talentpool.vocabulary.models import Skill

TEXTS = ("title", "question", "answer")


class ProposeForm(PortalForm):
    """The text to propose. What may tell who asked is listed, and each must be looked at."""

    title = forms.CharField(label="題名", max_length=60)
    question = forms.CharField(
        label="相談の内容",
        max_length=Article._meta.get_field("question").max_length,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="市町名、個人や事業者の名前、連絡先、その市町だと分かる事情は書かないでください。",
    )
    answer = forms.CharField(
        label="回答",
        max_length=Article._meta.get_field("answer").max_length,
        widget=forms.Textarea(attrs={"rows": 12}),
    )
    keep = forms.MultipleChoiceField(
        label="文章に残してよい表記",
        widget=forms.CheckboxSelectMultiple,
        help_text="相談した市町が分かってしまうおそれのある表記です。"
        "文章から取り除くか、残してよいものに印を付けてください。",
        error_messages={"required": "それぞれの表記を確かめて、残すなら印を付けてください。"},
    )

    def __init__(self, *args: Any, consultation: Consultation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        texts = [self.data.get(name, "") for name in TEXTS] if self.is_bound else []
        traces = traces_in(consultation, *texts) if texts else []
        self.naming = [trace for trace in traces if trace.names_asker]
        self.doubtful = [trace for trace in traces if not trace.names_asker]
        if self.doubtful:
            keep = self.fields["keep"]
            keep.choices = [  # type: ignore[attr-defined]
                (trace.key, f"{trace.kind}「{trace.found}」") for trace in self.doubtful
            ]
        else:
            del self.fields["keep"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for trace in self.naming:
            self.add_error(None, f"{trace.kind}「{trace.found}」を文章から取り除いてください。")
        kept = cleaned.get("keep")
        if kept is not None and len(kept) < len(self.doubtful):
            self.add_error(
                "keep", "印のない表記があります。文章から取り除くか、印を付けてください。"
            )
        return cleaned


class ReasonForm(PortalForm):
    """Why an article is refused or taken back; `reasons` are those of the side that acts."""

    reason = forms.ChoiceField(label="理由", widget=forms.RadioSelect)
    note = forms.CharField(
        label="補足",
        max_length=Article._meta.get_field("note").max_length,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="どこを直せばよいかなど、相手に伝えることがあれば書いてください。",
    )

    def __init__(
        self, *args: Any, reasons: Sequence[Article.Reason] = Article.TOWN_REASONS, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        reason = self.fields["reason"]
        reason.choices = [  # type: ignore[attr-defined]
            (choice.value, choice.label) for choice in reasons
        ]


class ArticleFilter(django_filters.FilterSet):
    """Search of the articles."""

    q = django_filters.CharFilter(
        label="ことば", method="by_words", max_length=60, validators=[few_words]
    )
    topic = django_filters.ModelChoiceFilter(label="分野", queryset=Skill.objects.all())

    class Meta:
        model = Article
        fields = ["q", "topic"]
        form = FilterForm

    def by_words(self, articles: ArticleQuerySet, name: str, value: str) -> ArticleQuerySet:
        return articles.search(value)
