"""Events in order, for programs outside: from the journal and the log, by cursor, by webhook, and as they come."""
