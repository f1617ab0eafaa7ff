"""Who did what, when, why."""

from flask import Blueprint

pages = Blueprint("journal", __name__)
