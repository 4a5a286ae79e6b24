"""What each section of the page says, as plain objects that the templates show."""
