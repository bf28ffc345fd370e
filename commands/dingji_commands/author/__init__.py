"""What is installed, and commands for those who write plugins and standards."""
