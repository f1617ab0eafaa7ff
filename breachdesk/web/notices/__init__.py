"""The communication to data subjects: written, approved, sent, watched."""

from flask import Blueprint

from breachdesk.web.notices import approval, drafting, sending

pages = Blueprint("notices", __name__, url_prefix="/incidents/<reference>/communication")

pages.add_url_rule("", view_func=drafting.draft, methods=["GET", "POST"])
pages.add_url_rule("/preview", view_func=approval.preview)
pages.add_url_rule("/approval", view_func=approval.approval, methods=["GET", "POST"])
pages.add_url_rule("/sending", view_func=sending.sending, methods=["GET", "POST"])
pages.add_url_rule("/delivery", view_func=sending.delivery)
pages.add_url_rule("/delivery/counts", view_func=sending.counts)
