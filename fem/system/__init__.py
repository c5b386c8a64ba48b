"""The sum of the terms: pattern, residual, tangent, checks."""
