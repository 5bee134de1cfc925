"""What is measured in a run, and how it is shown: terminal, HTML, files."""
