"""The platform as plain processes on loopback: for the demo, laptops and tests.

It starts what the rooms declare (:mod:`homeostat.service`), keeps it running, replaces what a new release
changes, and leaves nothing behind when it stops.
"""
