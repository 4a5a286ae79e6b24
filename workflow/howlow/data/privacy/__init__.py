"""What points at a person: looked for in raw tables, and again in all that is shared.

On the way in, `raw_tables` looks at the names of columns and the cells of those that are read. On
the way out, `disclosure` goes through every text that a file holds (`contents`) and has it searched
(`searching`, and `points` for drawings) for what nobody may learn (`confidential`). `small_cells`
withholds small counts.
"""
