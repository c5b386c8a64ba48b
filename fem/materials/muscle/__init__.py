"""Muscle: force of a fascicle (Hill), its activation in time, and the stretch reflex."""
