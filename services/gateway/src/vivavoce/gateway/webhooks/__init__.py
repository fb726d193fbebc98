"""Webhook settings, asked of the notifier that owns them."""
