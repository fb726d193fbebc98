"""Whether the gateway and what it stands on are well."""
