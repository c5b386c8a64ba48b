"""Every number that came from somewhere: unit, source, locator, kind."""
