"""What the entries of a stream come to: pure folds, and the two axes of time."""
