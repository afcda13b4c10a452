"""What a release could show: cells of the plan, what is known of them, and what policy alone hides."""
