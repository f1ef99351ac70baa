"""What the tests of the author share."""
