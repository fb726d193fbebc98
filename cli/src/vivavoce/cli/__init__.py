"""The `viva` command and the embedded stack: the whole system on one machine, without an account."""
