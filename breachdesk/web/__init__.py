"""The pages: read the request, call one service, render one template."""

from importlib import import_module

from flask import Flask

from breachdesk.web import errors, frame, kept_forms, language, looks, proof, security, security_log

FEATURES = (
    "health",
    "sign_in",
    "second_step",
    "second_factor",
    "password",
    "account",
    "calendar_feeds",
    "acknowledging",
    "proof",
    "kept_forms",
    "setup",
    "desk",
    "portfolio",
    "shared_incidents",
    "public_report",
    "processor_report",
    "processor_links",
    "reporting",
    "report_messages",
    "register",
    "incidents",
    "facts",
    "attachments",
    "qualification",
    "assessments",
    "questionnaire",
    "reopening",
    "authority",
    "notices",
    "recipients",
    "filings",
    "dossiers",
    "dossier_copies",
    "dossier_retention",
    "verification",
    "journal",
    "clocks",
    "deadline_settings",
    "reminder_ledger",
    "reminder_plan",
    "duty",
    "messages",
    "case_access",
    "organisation",
    "organisation_sign_in",
    "mail_account",
    "single_sign_on",
    "organisation_journal",
    "people",
    "joining",
    "installation",
)


def register_pages(app: Flask) -> None:
    """Put every page, and what all pages share, on the application."""
    language.register(app)
    security.register(app)
    security_log.register(app)
    looks.register(app)
    kept_forms.register(app)
    proof.register(app)
    frame.register(app)
    errors.register(app)
    for feature in FEATURES:
        app.register_blueprint(import_module(f"breachdesk.web.{feature}").pages)
