"""The schedules of a peer system: its case files, and its loans told to the schedule engine."""
