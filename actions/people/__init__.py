"""What people do to sign in and stay in, and what others do about them; one verb per file."""
