"""The display backend: a screen and a sound card of the bot's own, and what captures them."""
