"""The mail that an example organisation keeps here."""

from flask import Blueprint

pages = Blueprint("messages", __name__)
