"""What the container image holds and does, asked of a built image."""
