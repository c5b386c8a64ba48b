"""One result as one HTML page that needs no network: answer, pictures, curves, tables, what it rests on."""
