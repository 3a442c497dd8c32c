"""The state of a vacancy in words: label, shape of its tag, and a sentence for its town."""

from dataclasses import dataclass

from django.utils import timezone

from municipalities.vacancies.models import Need, Vacancy


@dataclass(frozen=True, slots=True)
class Shown:
    """How a state is shown."""

    label: str
    kind: str
    sentence: str


STATES: dict[str, tuple[str, str]] = {
    Vacancy.Status.DRAFT: (
        "off",
        "まだ県には見えていません。すべての区分を入れてから、県へ提出してください。",
    ),
    Vacancy.Status.SUBMITTED: (
        "wait",
        "県の確認を待っています。県が確かめて、公表するか差し戻します。結果はメールで届きます。",
    ),
    Vacancy.Status.PUBLISHED: (
        "ok",
        "公表しています。応募は市町へ直接届きます。決まったら、募集を終了してください。",
    ),
    Vacancy.Status.CLOSED: ("off", "募集を終了しました。次の月次提出で、国へ一度だけ伝えます。"),
    Vacancy.Status.WITHDRAWN: ("off", "取り下げました。"),
}
CHANGE_STATES: dict[str, tuple[str, str]] = {
    Vacancy.ChangeState.DRAFT: (
        "info",
        "公表を続けながら、変更を作っています。県が確かめるまで、公表の内容は変わりません。",
    ),
    Vacancy.ChangeState.SUBMITTED: (
        "wait",
        "変更の確認を県に頼んでいます。公表の内容は、まだ変わっていません。",
    ),
}
RETURNED = "差戻し"
OVER = Shown(
    "締切後",
    "late",
    "締切を過ぎました。選考が終わったら、結果を入れて募集を終了してください。"
    "募集を続けるときは、公表の内容を変えて締切を延ばしてください。",
)


# Why a vacancy is left over, by the state of the need that it was made of.
NEED_ENDED: dict[str, str] = {
    Need.Status.FILLED: "もとの案件は、契約が結ばれました。",
    Need.Status.WITHDRAWN: "もとの案件は、取り下げられました。",
    Need.Status.LAPSED: "もとの案件は、契約に至らないまま期間が終わりました。",
}


def why_left_over(vacancy: Vacancy) -> str:
    """How the need ended while its vacancy is still open; empty where that is not so."""
    need = vacancy.need
    return "" if need is None or not vacancy.outlives_its_need else NEED_ENDED[need.status]


def shown(vacancy: Vacancy) -> Shown:
    """How the vacancy's state is shown to its town and to the bodies that post together."""
    kind, sentence = CHANGE_STATES.get(vacancy.change) or STATES[vacancy.status]
    if vacancy.is_returned:
        return Shown(RETURNED, "late", sentence)
    if vacancy.change:
        return Shown(vacancy.get_change_display(), kind, sentence)
    if vacancy.is_over_on(timezone.localdate()):
        return OVER
    return Shown(vacancy.get_status_display(), kind, sentence)
