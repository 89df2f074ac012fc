"""Export reads a unit's committed books from the database alone, beside a running engine, and writes them out."""
