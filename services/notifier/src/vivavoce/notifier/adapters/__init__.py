"""The notifier's hands: what sends over HTTP."""
