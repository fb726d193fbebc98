"""People who sign in with an e-mail and a password, and their sessions."""
