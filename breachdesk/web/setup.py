"""Setting the desk up, once."""

from flask import Blueprint

pages = Blueprint("setup", __name__)
