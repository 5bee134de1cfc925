"""What must hold in a simulated country, and what is known of a case to check it."""
