"""What each operation does; one module a subject, each with its part of the table of routes."""
