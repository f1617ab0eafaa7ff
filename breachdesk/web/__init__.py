"""The pages: read the request, call one service, render one template."""

from importlib import import_module

from flask import Flask

from breachdesk.web import errors, frame, language, security

FEATURES = (
    "sign_in",
    "setup",
    "desk",
    "register",
    "incidents",
    "facts",
    "attachments",
    "qualification",
    "assessments",
    "authority",
    "notices",
    "recipients",
    "dossiers",
    "journal",
    "messages",
    "organisation",
)


def register_pages(app: Flask) -> None:
    """Put every page, and what all pages share, on the application."""
    language.register(app)
    security.register(app)
    frame.register(app)
    errors.register(app)
    for feature in FEATURES:
        app.register_blueprint(import_module(f"breachdesk.web.{feature}").pages)
