"""The notifier's hands: the HTTP sender, and the recorder that stands in for it in tests."""
