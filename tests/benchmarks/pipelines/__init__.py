"""Whole pipelines against each other: our backends and what our peers do."""
