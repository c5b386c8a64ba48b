"""Pure laws at a point: no mesh, no unknowns, no files."""
