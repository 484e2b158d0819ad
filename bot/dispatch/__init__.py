"""`meetbot dispatch`: a small reference orchestrator, the other end of the wire contract."""
