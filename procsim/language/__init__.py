"""Reading and writing Vietnamese: numbers, limits, fees, dates, codes, and all sentences."""
