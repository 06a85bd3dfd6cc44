"""OpenID Connect as far as signing in needs it: authorization code with PKCE, and tokens of one issuer."""
