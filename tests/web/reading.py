"""What a test reads off a page: its form as a browser would send it, its SQL queries."""

import re
from html import unescape

from flask import Flask
from flask.testing import FlaskClient

from tests.queries import counted_queries

TEXTS = re.compile(r'<textarea[^>]*name="([^"]+)"[^>]*>\r?\n?(.*?)</textarea>', re.S)
SELECTS = re.compile(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', re.S)


def form_of(page: str) -> dict[str, list[str]]:
    """What a browser would send of the page's main form, as it stands."""
    form = page[page.index('<form method="post" class="form') :]
    form = form[: form.index("</form>")]
    sent: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name = re.search(r'name="([^"]+)"', tag)
        is_box = 'type="radio"' in tag or 'type="checkbox"' in tag
        if name and (not is_box or " checked" in tag):
            value = re.search(r'value="([^"]*)"', tag)
            sent.setdefault(name[1], []).append(unescape(value[1]) if value else "")
    for name, text in TEXTS.findall(form):
        sent[name] = [unescape(text)]
    for name, options in SELECTS.findall(form):
        chosen = re.findall(r'<option selected value="([^"]*)"', options)
        sent[name] = chosen or re.findall(r'<option value="([^"]*)"', options)[:1]
    return sent


def queries_of(app: Flask, visitor: FlaskClient, url: str) -> int:
    """How many SQL queries a page takes."""
    with counted_queries(app) as statements:
        assert visitor.get(url).status_code == 200
    return len(statements)


def plain(page: str) -> str:
    """A page with ordinary spaces where typography asks for no-break ones."""
    return page.replace("\u202f", " ").replace("\u00a0", " ")
