"""Meshes of the anatomy: hexahedra with named parts, node sets and surfaces."""
