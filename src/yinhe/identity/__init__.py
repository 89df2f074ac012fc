"""Who proves who they are, and how: passwords, codes, secrets of clients, tokens, sessions."""
