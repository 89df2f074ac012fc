"""Parties: persons and organisations, what is known of them, and who may see it."""
