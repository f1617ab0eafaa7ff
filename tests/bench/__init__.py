"""`make bench`: what the desk costs, beside a bare Flask page served the same way."""
