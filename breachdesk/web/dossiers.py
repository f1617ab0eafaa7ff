"""The dossiers of a case."""

from flask import Blueprint

pages = Blueprint("dossiers", __name__)
