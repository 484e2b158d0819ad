"""Knows what a meeting page shows and how to act on it; decides nothing."""
