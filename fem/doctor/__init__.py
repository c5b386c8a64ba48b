"""Whether an installation works: what it has found, and problems with known answers that it solves."""
