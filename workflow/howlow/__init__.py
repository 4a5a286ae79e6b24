"""howlow: how light a load, how few sessions a week, still build muscle and strength."""

__version__ = "0.1.0"
