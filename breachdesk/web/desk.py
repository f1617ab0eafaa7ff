"""What is to be done, first page of an organisation."""

from flask import Blueprint

pages = Blueprint("desk", __name__)
