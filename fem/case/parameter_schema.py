"""Which literature numbers a case takes, and which it replaces, as written in a case file."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from fem.document import StrictModel


def _flat(value: Any) -> Any:
    """Let ``annulus: {C10: 0.2 MPa}`` mean ``annulus.C10: 0.2 MPa``."""
    if not isinstance(value, dict):
        return value
    flat: dict[str, Any] = {}
    for key, inner in value.items():
        if isinstance(inner, dict):
            flat |= {f"{key}.{sub}": text for sub, text in _flat(inner).items()}
        else:
            flat[str(key)] = str(inner)
    return flat


Overrides = Annotated[dict[str, str], BeforeValidator(_flat)]


class OverrideSection(StrictModel):
    """Single numbers that replace the literature's, by their key in the set: ``annulus.C10: 0.2 MPa``."""

    disc: Overrides = Field(default_factory=dict)
    ligaments: Overrides = Field(default_factory=dict)
    capsule: Overrides = Field(default_factory=dict)
    cartilage: Overrides = Field(default_factory=dict)
    limits: Overrides = Field(default_factory=dict)
    relaxation: Overrides = Field(default_factory=dict)
    trunk: Overrides = Field(default_factory=dict)
    muscles: Overrides = Field(default_factory=dict)
    hand: Overrides = Field(default_factory=dict)
    film: Overrides = Field(default_factory=dict)
    gas: Overrides = Field(default_factory=dict)
    verdict: Overrides = Field(default_factory=dict)
    damage: Overrides = Field(default_factory=dict)
    flexibility: Overrides = Field(default_factory=dict)


class ParameterSection(StrictModel):
    """Which literature set each structure takes its numbers from (``facetgap literature list``)."""

    disc: str = "disc/calibrated"
    ligaments: str = "ligaments/calibrated"
    capsule: str = "ligaments/capsule_little_khalsa_2005"
    cartilage: str = "cartilage"
    limits: str = "ligaments/limits"
    relaxation: str = Field("relaxation", description="read where a phase is dynamic")
    trunk: str = Field("trunk", description="read where there is a thorax or a dynamic phase")
    muscles: str = Field("muscles/myotorso", description="read where there are muscles")
    hand: str = Field("hand", description="read where a thrust has a patch or a displacement")
    film: str = Field("film", description="read where the joints hold a film")
    gas: str = Field("gas", description="read where the joints hold a film")
    verdict: str = Field("verdict", description="read where the joints hold a film")
    damage: str = Field("damage", description="read where a case is repeated")
    flexibility: str = Field("flexibility", description="read where a case is repeated")
    override: OverrideSection = OverrideSection()

    def sets(self, more: tuple[str, ...] = ()) -> dict[str, tuple[str, dict[str, str]]]:
        """Return structure -> (name of its set, overrides) for the passive spine and for the parts in `more`."""
        parts = ("disc", "ligaments", "capsule", "cartilage", "limits", *more)
        return {part: (getattr(self, part), getattr(self.override, part)) for part in parts}
