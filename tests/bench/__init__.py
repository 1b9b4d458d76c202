"""The bench: one file for each part, what they share in common.py, the command in run."""
