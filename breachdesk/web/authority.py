"""The notification to the authority."""

from flask import Blueprint

pages = Blueprint("authority", __name__)
