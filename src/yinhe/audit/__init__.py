"""The log of every act: who, what, before, after, why, from where, and what became of it."""
