"""What a publication consists of: its files, how each is written and read back, and how publications follow."""
