"""Anatomy, literature and mesh put together into terms: discs, ligaments, facets, follower load."""
