"""What a run is made of: the scenario, the rules that are installed, applicants, random streams."""
