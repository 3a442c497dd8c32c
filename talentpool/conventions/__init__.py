"""Conventions of the Japanese public sector, in pure Python.

One module, one thing: codes of local bodies, corporate numbers, era dates and fiscal years,
business days, folding of text, spreadsheet cells, amounts. Nothing here knows Django.
"""
