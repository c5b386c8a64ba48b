"""What a run leaves behind: tables, summary, fields, provenance."""
