"""Slow and plain second routes to the same answers."""
