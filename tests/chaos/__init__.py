"""Recorders killed at random moments while their storage is in trouble: `make chaos`."""
