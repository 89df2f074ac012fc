"""Migration brings the books of another bank into a unit, row by row and to the minor unit."""
