"""The development identity provider: OpenID Connect for demo homes, where anybody may be anybody."""
