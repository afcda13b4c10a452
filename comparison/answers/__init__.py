"""What each endpoint answers from a release."""
