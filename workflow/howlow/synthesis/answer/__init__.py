"""What the front page says: the smallest dose shown to work, the exchange rate, and the words."""
