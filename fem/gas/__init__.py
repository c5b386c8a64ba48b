"""Gas in the joint after a pop: bubbles, how they dissolve, how they sound. No mesh and no case."""
