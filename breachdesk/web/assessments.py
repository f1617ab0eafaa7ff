"""Assessing, advising, deciding."""

from flask import Blueprint

pages = Blueprint("assessments", __name__)
