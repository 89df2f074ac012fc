"""The night: what the close of a business date does, step by step, each of which may be killed and run again."""
