"""Results held against published experiments: what is declared in `comparisons.toml`, judged, and told on one page."""
