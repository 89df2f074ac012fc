"""The schedule engine: terms and events in, rows and cash flows out; pure and exact."""
