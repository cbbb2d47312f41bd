"""Scripted scenarios and benchmarks over the whole assistant."""
