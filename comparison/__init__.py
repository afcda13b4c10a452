"""Comparisons: what a release says of units beside each other.

`reading/` has a release as numbers: the question put to it, the sums it has, and whether they may be compared.
`methods/` takes numbers and answers numbers: intervals, ratios, limits, trends, standardization. `answers/` is what
each endpoint answers.
"""
