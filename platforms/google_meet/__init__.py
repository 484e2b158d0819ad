"""The Google Meet web client."""
