"""GraphQL on the wire: over HTTP, over server-sent events and over WebSockets, and a page to try it on."""
