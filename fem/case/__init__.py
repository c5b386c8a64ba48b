"""Case files: schema, reading, and the composition root that builds a problem."""
