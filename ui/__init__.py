"""Front doors: command line, page, HTTP and MCP."""
