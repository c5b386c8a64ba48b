"""Who is who and where: vertebrae, discs, facet joints, ligaments. Geometry only."""
