"""The HTTP interface: conversations, answers, who asks, and whether the service is well."""
