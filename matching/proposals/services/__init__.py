"""The verbs of coordination, in the order of the work: runs, offers, approaches, agreement."""
