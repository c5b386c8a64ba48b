"""Which inputs move an answer: Morris' elementary effects over runs of a case, and over replays of its films."""
