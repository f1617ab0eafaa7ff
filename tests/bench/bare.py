"""The comparison: a Flask page that says one sentence and asks nothing of anything."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def page() -> str:
    """One sentence."""
    return "<!doctype html><html lang=en><title>bare</title><p>A bare page.</p></html>"
