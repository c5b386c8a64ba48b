"""Deterministic generators of the meshes."""
