"""For who watches the machine: whether this process answers, and whether the desk can work.

Without sign-in, session or redirect: yes or no, and nothing that would help an attacker.
"""

from http import HTTPStatus

from flask import Blueprint, jsonify
from werkzeug.wrappers import Response

from breachdesk.services.readiness import readiness
from breachdesk.web.request import now, session

pages = Blueprint("health", __name__)


@pages.get("/healthz")
def process() -> Response:
    """This process answers; the database is not asked."""
    return jsonify(process=True)


@pages.get("/readyz")
def ready() -> Response:
    """The database answers, its schema is ours, and a worker lives."""
    found = readiness(session(), now=now())
    answer = jsonify(database=found.database, schema=found.schema, worker=found.worker)
    if not found.is_ready:
        answer.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return answer
