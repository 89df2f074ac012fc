"""The day: what becomes of a transfer from when it is received to when it is posted or refused."""
