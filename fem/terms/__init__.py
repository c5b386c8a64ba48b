"""The balance of virtual work, one file per summand."""
