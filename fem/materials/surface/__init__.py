"""Laws of surfaces in contact, and their registry."""

from typing import Final

from fem.materials.surface.foundation import CartilageLayers, LinearFoundation

SURFACE_LAWS: Final[dict[str, type]] = {
    "cartilage_layers": CartilageLayers,
    "linear_foundation": LinearFoundation,
}

__all__ = ["SURFACE_LAWS", "CartilageLayers", "LinearFoundation"]
