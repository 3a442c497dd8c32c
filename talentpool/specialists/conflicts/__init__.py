"""Conflicts of interest: the rules (pure) and the facts they are asked with."""
