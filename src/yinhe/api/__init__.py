"""The HTTP interface: one table of routes, and what carries a request through it."""
