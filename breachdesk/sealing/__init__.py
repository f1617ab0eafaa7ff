"""The seal on a dossier, and how a dossier is checked from its file alone.

Bytes in, bytes and findings out: no web, no database, no clock, no settings.
"""
