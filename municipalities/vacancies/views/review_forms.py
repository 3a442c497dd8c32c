"""The forms beside a vacancy that the prefecture looks at. They stand in one form of the page: what
is typed into one of them stays when the button of another is pressed."""

from dataclasses import dataclass

from django.http import QueryDict

from municipalities.vacancies.forms.vacancies import (
    CloseForm,
    HideQuestionForm,
    ReturnVacancyForm,
    WithholdForm,
)
from municipalities.vacancies.models import Vacancy, VacancyQuestion, VacancyRevision
from talentpool.pages.forms import PortalForm


@dataclass(slots=True)
class ReviewForms:
    """The form whose button was pressed is bound; the others hold what was typed, unchecked."""

    back: ReturnVacancyForm
    close: CloseForm
    questions: list[tuple[VacancyQuestion, HideQuestionForm]]
    revisions: list[tuple[VacancyRevision, WithholdForm]]

    def holds_reasons(self) -> bool:
        """Whether a reason stands in one of the forms beside the return."""
        others: list[PortalForm] = [self.close, *(form for _, form in self.questions)]
        others += [form for _, form in self.revisions]
        reasons = (form.initial.get(name) for form in others for name in ("reason", "note"))
        return any(str(reason or "").strip() for reason in reasons)

    @property
    def sent(self) -> PortalForm | None:
        """The form that was sent, if it was one."""
        hide = (form for _, form in self.questions)
        withhold = (form for _, form in self.revisions)
        forms: list[PortalForm] = [self.back, self.close, *hide, *withhold]
        return next((form for form in forms if form.is_bound), None)


def forms_of(vacancy: Vacancy, posted: QueryDict) -> ReviewForms:
    """The forms with what was `posted`; empty ones when nothing was."""
    hidden, withheld = posted.get("hide"), posted.get("withhold")
    return ReviewForms(
        _return_form(vacancy, posted),
        CloseForm(
            posted if "close" in posted else None,
            must_say_why=True,
            initial=_typed(posted, "outcome", "note"),
        ),
        [
            (
                question,
                HideQuestionForm(
                    posted if hidden == str(question.pk) else None,
                    prefix=f"q{question.pk}",
                    initial=_typed(posted, "reason", prefix=f"q{question.pk}-"),
                ),
            )
            for question in vacancy.questions.all()
        ],
        [
            (
                revision,
                WithholdForm(
                    posted if withheld == str(revision.pk) else None,
                    prefix=f"r{revision.pk}",
                    initial=_typed(posted, "reason", prefix=f"r{revision.pk}-"),
                ),
            )
            for revision in _earlier(vacancy)
        ],
    )


def _return_form(vacancy: Vacancy, posted: QueryDict) -> ReturnVacancyForm:
    definition = vacancy.working_form.definition
    if "return" in posted:
        return ReturnVacancyForm(posted, definition=definition)
    return ReturnVacancyForm(definition=definition, typed=posted, grow="more" in posted)


def _typed(posted: QueryDict, *names: str, prefix: str = "") -> dict[str, str]:
    """What stood in the fields of a form, by their names."""
    sent = posted.dict()
    return {name: str(sent[prefix + name]) for name in names if prefix + name in sent}


def _earlier(vacancy: Vacancy) -> list[VacancyRevision]:
    """The texts that were public before the one that is, the newest first."""
    newest = vacancy.revisions.order_by("-number").values("number")[:1]
    return list(vacancy.revisions.public().exclude(number__in=newest).select_related("vacancy"))
