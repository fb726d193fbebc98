"""What the gateway publishes about itself: for machines, and as pages for people."""
