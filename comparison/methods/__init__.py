"""Statistical methods that know no release: numbers in, numbers out."""
