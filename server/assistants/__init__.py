"""Other assistants over MCP: a person's own tools, scope and policy; they confirm nothing."""
