"""What is known of a case."""

from flask import Blueprint

pages = Blueprint("facts", __name__)
