"""Which breachdesk this is, as CHANGELOG.md counts."""

# Not released yet: the next one.
VERSION = "0.3.0.dev0"
