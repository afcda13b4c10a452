"""Webhooks: who is told of returned and accepted reports and of releases, and the telling."""
