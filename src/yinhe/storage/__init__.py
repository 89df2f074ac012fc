"""The memory of the bank: PostgreSQL (embedded or the bank's own), named SQL, migrations."""
