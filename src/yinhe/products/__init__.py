"""Products assembled from typed parts: what a bank agrees with its customers, as data a night can compute with."""
