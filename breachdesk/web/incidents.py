"""Opening an incident, seeing the case, closing it."""

from flask import Blueprint

pages = Blueprint("incidents", __name__)
