"""What tests start: the platform, and a server that answers as it is told."""
