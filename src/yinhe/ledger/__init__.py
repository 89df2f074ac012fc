"""The brain: account columns in memory, one state machine, one writer per unit, every posting durable before it is answered."""
