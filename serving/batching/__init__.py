"""Micro-batching: what arrives while the engine is at work is predicted together when it is done.

Nothing waits for company: an idle engine gets a request at once. Nobody pays for a neighbour: rows that make
the engine fail are found and only their own request fails. Nobody waits for ever: queue, batch and every
request's time are bounded.
"""
