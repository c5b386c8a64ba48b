"""Free numbers of literature sets, declared in a plan, fitted to published experiments by bounded least squares."""
