"""facetgap: ligament strain and facet-joint gapping of the lumbar spine, by finite elements."""

__version__ = "0.1.0"
