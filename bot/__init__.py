"""Decides: takes a job, joins, records, and says truthfully how it ended."""

__version__ = "0.1.0"
