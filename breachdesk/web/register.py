"""The register of incidents."""

from flask import Blueprint

pages = Blueprint("register", __name__)
