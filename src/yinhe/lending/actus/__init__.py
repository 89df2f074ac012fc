"""The ACTUS standard of financial contracts: its terms read, run through the bank's own schedule engine, compared."""
