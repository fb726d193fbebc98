"""The webhook portal: a page on which an organization looks after its endpoints and their deliveries."""
