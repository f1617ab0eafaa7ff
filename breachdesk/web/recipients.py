"""Whom the communication goes to."""

from flask import Blueprint

pages = Blueprint("recipients", __name__)
