"""What the commands say, in the user's language: words, labels, names, receipts, findings."""
