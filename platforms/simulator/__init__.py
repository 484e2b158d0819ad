"""A local test meeting: replica pages, real WebRTC participants, scenarios."""
