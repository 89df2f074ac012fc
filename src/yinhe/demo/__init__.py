"""A sample bank: some days of lifelike business through the ledger's public interface, drawn from a seed."""
