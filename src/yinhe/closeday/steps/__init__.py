"""The steps of the night, one module each."""
