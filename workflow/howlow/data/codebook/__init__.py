"""The codebook of a study's tidy tables: what each column and outcome is, and where it is from.

`files` writes it as a table, as a page to read (`page`) and as a Frictionless Data Package
(`datapackage`); the words for the columns are in `column_words`, and `origins` follows a column
back through the declared steps to the raw tables.
"""
