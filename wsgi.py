"""The WSGI entry point: `gunicorn wsgi:app`."""

import os
from pathlib import Path

from breachdesk import check_key, create_app
from breachdesk.config import load_settings

app = create_app(load_settings(os.environ, Path(__file__).resolve().parent / ".env"))
check_key(app)
