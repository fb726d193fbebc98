"""An organization's users and their roles."""
