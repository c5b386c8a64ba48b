"""Figures of results: what researchers of this field expect to see, each with its data as CSV beside it."""
