"""From a solved problem to what results show: tables in clinical terms, fields for ParaView, energies."""
