"""How fast reports come in, beside other ways to take them; `python -m tests.bench.submitting` prints the table."""
