"""The sample prefecture: the towns are real, everything else is invented and says so.

Every run with the same date makes the same rows: nothing is drawn by chance.
"""

PASSWORD = "sample-jinzai-2026"  # noqa: S105  # printed by `make demo`; sample data only


def sample_signins() -> list[tuple[str, str, str]]:
    """(role, mail address, password) of one sample account per role."""
    from municipalities.registry.models import Municipality
    from talentpool.embedded.sample.places import SIGNED, here

    first, second = (Municipality.objects.get(pk=here(code)) for code in SIGNED)
    accounts = [
        ("県コーディネーター", "coordinator@pref.example.jp"),
        ("県決裁者", "approver@pref.example.jp"),
        ("監査", "auditor@pref.example.jp"),
        (f"市町担当({first.name})", f"{first.code}@town.example.jp"),
        (f"市町決裁者({first.name})", f"{first.code}-approver@town.example.jp"),
        (f"市町担当({second.name})", f"{second.code}@town.example.jp"),
        ("専門人材(県職員OB H-169)", "h-169@people.example.jp"),
        ("専門人材(兼業・副業 H-125)", "h-125@people.example.jp"),
        ("専門人材(地場ベンダ H-118)", "h-118@people.example.jp"),
        ("事業者の担当者(H-118の所属先)", "manager@firm.example.jp"),
    ]
    return [(role, email, PASSWORD) for role, email in accounts]
