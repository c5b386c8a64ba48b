"""Results against results, and against experiments: differences, and whether they are more than noise."""
