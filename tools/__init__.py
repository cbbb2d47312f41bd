"""What the assistant can do: one typed registry, one module a tool."""
