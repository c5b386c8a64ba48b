"""How fast the program is on this machine: timed runs and the bars they are held against."""
