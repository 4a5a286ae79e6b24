"""Tables of arms as papers print them: means, SDs and counts in place of participants.

A table is read and checked row by row (`summaries`, `printed`), what does not add up in it is told
with the arithmetic (`detective`), and SDs are worked out from what is printed in their place
(`computed_sds`). `readings` says each way a paper's numbers may be read, and `reconstruction` makes
of each the measurements of made-up participants with exactly the printed moments (`pseudo`).
"""
