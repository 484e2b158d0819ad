"""Tab capture: the recorder page, the shared-memory ring, and both of its ends."""
