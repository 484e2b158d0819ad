"""Bots killed, cut off and starved at random moments, and what is lost of them: `make chaos`."""
