"""Where this service meets heavy libraries and other systems."""
