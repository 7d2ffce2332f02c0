"""Version of the package, equal to CHANGELOG.md's and pyproject.toml's."""

__version__ = "0.1.0"
