"""Turns pixels and samples into stored bytes."""
