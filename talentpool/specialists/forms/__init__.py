"""Forms of the pool: one topic of the registration a form."""
