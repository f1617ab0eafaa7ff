"""The communication to the people concerned."""

from flask import Blueprint

pages = Blueprint("notices", __name__)
