"""Commands for those who write plugins and standards."""
