"""What every request passes before it is served: how large, how slow, how many, and from which pages."""
