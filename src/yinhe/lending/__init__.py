"""Loans: terms, schedules, repayments and what becomes of them."""
