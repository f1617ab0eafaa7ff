"""The files of a case."""

from flask import Blueprint

pages = Blueprint("attachments", __name__)
