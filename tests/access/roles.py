"""Who reads in the access tests, and which canaries each role may read."""

MARK = "鵺"
NUMBER = "1000020340006"
TOWN_A, TOWN_B = "342157", "343099"  # 江田島市, 坂町
OWNER = {TOWN_A: "壱", TOWN_B: "弐"}
MUNICIPAL = ("editor_a", "approver_a", "editor_b", "approver_b")
PERSONS = ("specialist", "other_specialist", "firm_member")
PREFECTURAL = ("coordinator", "prefectural_approver", "auditor")
OWNERS = dict(zip(PERSONS, "参四五", strict=True))  # the owner in the canaries about each
BEGINNER = "七"  # who has begun to register and not applied: nobody's yet, not the prefecture's
MANAGER = "firm_manager"  # speaks for the firm of the person in `firm_member`; is nobody's person
ROLES = ("anonymous", "no_role", *PERSONS, MANAGER, *MUNICIPAL, *PREFECTURAL)


def opened(owner: str) -> tuple[str, ...]:
    """What a town reads of a person whose name is open to it: who it is, the employer, the measures
    against a conflict, the application, the firm."""
    return tuple(owner + room for room in "人勤措応社")


# What each role may read, as beginnings of canaries; prefectural staff read everything but what
# somebody has only begun to write.
# 壱公 is a published vacancy, 壱知 a published article, 壱共 one that 弐 is asked to join.
READS: dict[str, tuple[str, ...]] = {
    "anonymous": ("壱公",),
    "no_role": ("壱公",),
    "specialist": ("壱公", "参", "壱案", "弐案"),  # approached for one need of each town
    "other_specialist": ("壱公", "四", "壱契", "壱限"),  # signed with town 壱
    "firm_member": ("壱公", "五", "弐契", "弐応", "弐限"),  # signed with town 弐
    "firm_manager": ("壱公", "六", "五人", "五社"),  # the own people's names, nothing of their work
    "editor_a": ("壱", "弐共", *opened("四")),
    "approver_a": ("壱", "弐共", *opened("四")),
    "editor_b": ("壱公", "壱知", "弐", "壱共", *opened("五")),
    "approver_b": ("壱公", "壱知", "弐", "壱共", *opened("五")),
}
# What even the person reads only when the prefecture has looked through it.
LOOKED_THROUGH = "審措"


def may_read(role: str, canary: str) -> bool:
    """Whether a canary, without its mark, may stand in an answer to the role."""
    if role in PREFECTURAL:
        return canary[0] != BEGINNER
    if role in PERSONS and canary[1] in LOOKED_THROUGH:
        return False
    return canary.startswith(READS[role])
