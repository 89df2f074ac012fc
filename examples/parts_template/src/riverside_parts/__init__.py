"""Parts of Riverside Bank's products."""
