"""The benchmarks: one file for each part, common.py for what they share, run is the command."""
