"""From a printed number to its rows, card, assumptions and versions."""
