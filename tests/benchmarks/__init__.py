"""Benchmarks: each prints its figures when run by itself, and has a light test with a wide margin."""
