"""The parts products are made of, by kind; each module has one subject."""
