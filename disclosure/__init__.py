"""Statistical disclosure control: what may be published, and the proof of it."""
