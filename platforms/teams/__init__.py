"""The Microsoft Teams web client."""
