"""Newton, load steps and the linear solver. Knows a system and a state, nothing of spines."""
