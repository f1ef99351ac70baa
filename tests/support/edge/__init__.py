"""What the tests through the edge share."""
