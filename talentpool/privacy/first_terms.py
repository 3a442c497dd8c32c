"""The retention terms that the portal starts with; staff change them in the admin.

What is not read in a source is marked as not confirmed.
"""

from talentpool.privacy.models import RetentionTerm

FIRST_TERMS = (
    # code, what, days, fiscal years, basis, confirmed
    (
        "unconfirmed_subscription",
        "確認されなかった配信の申込み",
        7,
        None,
        "申込みの画面に示した期間",
        True,
    ),
    ("expired_session", "終わったサインイン", 1, None, "運用のため", True),
    ("sent_message", "送り終えたメールと処理の依頼", 90, None, "県の決定待ち(案)", False),
    ("ended_invitation", "使われなかった招待", 365, None, "県の決定待ち(案)", False),
    ("finished_import", "取り込みが終わったファイルの記録", 365, None, "県の決定待ち(案)", False),
    (
        "finished_people_import",
        "取り込みが終わった人材のファイルの記録",
        365,
        None,
        "県の決定待ち(案)",
        False,
    ),
    (
        "finished_deal_import",
        "取り込みが終わった契約・調達のファイルの記録",
        365,
        None,
        "県の決定待ち(案)",
        False,
    ),
    ("closed_candidate", "契約に至らなかった候補と打診", 365, None, "県の決定待ち(案)", False),
    (
        "ended_application",
        "終わった応募(登録された人からのもの)",
        365,
        None,
        "県の決定待ち(案)",
        False,
    ),
    (
        "withdrawn_person",
        "登録をやめた・抹消した・認められなかった人の個人情報",
        365,
        None,
        "県の決定待ち(案)",
        False,
    ),
    (
        "abandoned_draft",
        "送られないままの登録の下書き(最後に使った日から)",
        365,
        None,
        "県の決定待ち(案)",
        False,
    ),
    (
        "unsaved_topic",
        "登録の画面に入力したまま、保存しなかった内容(最後に入力した日から)",
        365,
        None,
        "県の決定待ち(案)",
        False,
    ),
    (
        "unused_account",
        "登録に使われないままの利用者(人材・事業者。最後に使った日から)",
        365,
        None,
        "県の決定待ち(案)",
        False,
    ),
    (
        "sign_in_day",
        "登録した人がサインインした日(稼働情報の確かさの見積りに使う)",
        730,
        None,
        "県の決定待ち(案)",
        False,
    ),
    ("lobbying_record", "働きかけ記録", None, 5, "文書管理の規程による。県の決定待ち(案)", False),
    ("profile_view", "閲覧履歴", 1095, None, "県の決定待ち(案)", False),
    (
        "rights_request",
        "本人からの請求と決定",
        None,
        3,
        "文書管理の規程による。県の決定待ち(案)",
        False,
    ),
    (
        "ended_engagement",
        "終わったシェア契約",
        None,
        5,
        "文書管理の規程による。県の決定待ち(案)",
        False,
    ),
    (
        "ended_ticket",
        "登録の申込み・招待のリンク(期限が過ぎたもの)",
        7,
        None,
        "申込みの画面に示した期間",
        True,
    ),
    (
        "held_bar",
        "登録を消した人の、期間が終わった入札の制限の事業者名",
        1,
        None,
        "制限の期間のため。県の決定待ち(案)",
        False,
    ),
    ("view_alert", "閲覧の警告と確かめた結果", 1095, None, "県の決定待ち(案)", False),
)
_NAMES = ("code", "what", "days", "fiscal_years", "basis", "confirmed")


def load_terms() -> None:
    """Add the terms that are not there yet; what staff changed stays as it is."""
    there = set(RetentionTerm.objects.values_list("code", flat=True))
    rows = [dict(zip(_NAMES, row, strict=True)) for row in FIRST_TERMS]
    RetentionTerm.objects.bulk_create(
        [RetentionTerm(**row) for row in rows if row["code"] not in there]
    )
