"""What a question names and the numbers that it starts from."""
