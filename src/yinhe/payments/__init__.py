"""Payments: files in and out, clearing, suspense, returns, dated orders and statements of ISO 20022."""
