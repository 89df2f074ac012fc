"""Yinhe (银核, "bank core"): an open core banking system in Python on PostgreSQL."""

__version__ = "0.1.0"
