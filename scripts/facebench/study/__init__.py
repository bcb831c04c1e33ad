"""What a configuration asks for: files, jobs, protocols. Standard library only."""
