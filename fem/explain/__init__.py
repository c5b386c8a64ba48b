"""Why a target does not pop: the case again with one thing changed at a time, and what that says."""
