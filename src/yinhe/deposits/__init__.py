"""Deposit contracts: a party's agreement on one product version, and the accounts it has."""
