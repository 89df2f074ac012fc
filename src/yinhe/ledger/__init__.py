"""The brain: account columns in memory, one state machine, one writer, every posting durable before it is answered."""
