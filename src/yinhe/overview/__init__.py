"""A customer at a glance: contracts, balances, limits, what is due, what it is worth; the timeline; statements."""
