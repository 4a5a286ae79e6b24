"""The file formats a table can come in, each read as text; nothing in a file is ever run."""
