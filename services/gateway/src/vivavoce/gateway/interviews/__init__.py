"""What the gateway keeps of each interview: the read model behind every family of the API."""
