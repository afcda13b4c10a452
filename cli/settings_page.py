"""The page docs/settings.md, from the table of settings."""

from __future__ import annotations

from domain.settings import settings_table

HEAD = """# Settings

Environment variables, read once at start. `crosstally-hub settings` lists them too.

| name | default | meaning |
|---|---|---|
"""


def settings_page() -> str:
    """The page, with a row for each setting."""
    rows = ((name, f"`{default}`" if default else "", text) for name, default, text in settings_table())
    return HEAD + "".join(f"| `{name}` | {default} | {text} |\n" for name, default, text in rows)
