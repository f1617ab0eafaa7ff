"""Faults on purpose: workers killed, mail servers that misbehave, a database restarted.

`run` plays a scenario with real processes, `verdict` says what it shows. See `__main__`.
"""
