"""The command line: thin, lazy, the only place that prints and exits."""
