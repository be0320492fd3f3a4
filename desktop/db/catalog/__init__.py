"""What a database consists of: read from its catalog, compared with what this program needs."""
