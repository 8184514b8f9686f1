"""Tells phishing pages from legitimate ones by nine traits of a page and its address."""
