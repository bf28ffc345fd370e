"""The record of one stream as known at a position, and what its entries rest on."""
