"""Benchmarks that print JSON and state the machine; each compares with a peer in the same run where there is one."""
