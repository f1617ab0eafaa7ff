"""Compose a message; hand it to an SMTP server, or say precisely why it was not taken."""
