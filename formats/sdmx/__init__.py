"""Releases as SDMX 2.1 (https://sdmx.org): structures, and data as generic SDMX-ML, SDMX-CSV 1.0 and SDMX-JSON 1.0."""
