"""Cases, and the rounds they run in."""
