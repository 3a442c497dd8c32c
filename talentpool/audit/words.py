"""The audit record in words: what was done, by whom, to what. The codes stay what is kept."""

from django.apps import apps

ROLES = {
    "prefecture": "県",
    "municipality": "市町",
    "specialist": "専門人材",
    "firm": "事業者",
}
ACTIONS = {
    "accept_approach": "打診を引き受けた",
    "accept_need": "案件を受け付けた",
    "add_member": "所属と役割を加えた",
    "answer_consultation": "相談に回答した",
    "approach": "打診した",
    "approve_article": "ナレッジの公開に同意した",
    "approve_export": "月次提出の決裁を記録した",
    "ask_consultation": "県に相談した",
    "ask_disclosure": "お名前の開示を希望した",
    "assign_consultation": "相談の担当を決めた",
    "close_consultation": "相談を終えた",
    "close_proposal": "候補提示を終えた",
    "close_vacancy": "募集を終了した",
    "confirm_availability": "稼働可能日を確認した",
    "confirm_terms": "条件を確認した",
    "create_account": "利用者を作った",
    "create_vacancy": "募集情報を作った",
    "decide": "決定を記録した",
    "declare_days": "稼働可能日を申告した",
    "decline_approach": "打診を断った",
    "discard_export": "月次提出の版を破棄した",
    "drop_overdue": "期限が過ぎ、市町を外した",
    "edit_specialist": "人材の登録を直した",
    "expire_approach": "打診の期限が過ぎた",
    "export_pool": "人材の一覧を書き出した",
    "fail_run": "マッチングを計算できなかった",
    "finish_run": "マッチングの計算が終わった",
    "freeze_month": "月次提出を確定した",
    "give_consent": "同意した",
    "invite": "招待した",
    "mark_need_filled": "案件の契約を記録した",
    "mark_need_unfilled": "合う人がいないとした",
    "offer_candidates": "候補を示した",
    "propose_article": "ナレッジを提案した",
    "publish_vacancy": "募集情報を公表した",
    "rank_by_default": "期限が過ぎ、提示の順とした",
    "rank_candidates": "候補に順位を付けた",
    "record_demand": "合う人がいないと記録した",
    "record_interview": "面接日を記録した",
    "refuse_article": "ナレッジの公開を断った",
    "return_need": "案件を差し戻した",
    "return_vacancy": "募集情報を差し戻した",
    "save_vacancy": "募集情報を保存した",
    "set_disclosure": "お名前の開示の同意を変えた",
    "sign": "打診の全員で契約を締結した",
    "sign_engagement": "シェア契約を作った",
    "start_run": "マッチングを始めた",
    "step_back": "候補を見送った",
    "submit_export": "国へ提出したと記録した",
    "submit_need": "案件を提出した",
    "submit_vacancy": "募集情報を提出した",
    "withdraw_article": "ナレッジを取り下げた",
    "withdraw_consent": "同意を取り消した",
    "withdraw_need": "案件を取り下げた",
    "withdraw_vacancy": "募集情報を取り下げた",
}


def action_words(action: str) -> str:
    """What was done; the code itself where it has no words."""
    return ACTIONS.get(action, action)


def object_words(label: str) -> str:
    """What it was done to: the name of the register for `app.Model`."""
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        return label
