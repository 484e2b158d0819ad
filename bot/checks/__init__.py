"""Whether this machine can do a bot's work: what was found, and how to mend what is not right."""
