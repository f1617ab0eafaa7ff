"""A PDF of one blank page: where a test is about what becomes of a document, not what it says."""

import io
from functools import cache

import pikepdf


@cache
def small_pdf() -> bytes:
    """The file; it can be sealed like any other."""
    held = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        made.save(held)
    return held.getvalue()
