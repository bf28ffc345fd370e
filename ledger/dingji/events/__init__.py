"""What can be submitted, what is recorded of it, and the bytes of both."""
