"""The synovial film of a facet joint: flow, cavitation, soft cartilage and the recess it drains to. No spine.

`film_mesh` lays a quadrilateral mesh on each joint's surface, `FilmLaws` holds what the fluid and its surroundings are
made of, `initial_state` fills the joints at rest, `film_step` makes one implicit step (with its derivatives), `advance`
and `replay` follow a given motion of the gap and find the moments of inception and collapse, `pull_apart` lets a rigid
plate go where the forces on it take it.
"""
