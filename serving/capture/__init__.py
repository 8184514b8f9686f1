"""What the model was asked and what it said, sampled, for those who look for drift.

A request leaves a copy of its rows in a bounded ring (:mod:`serving.capture.ring`) and goes on; a thread of
the worker (:mod:`serving.capture.writer`) puts them behind a :class:`serving.capture.sink.Sink`. Where the
sink can't keep up, the oldest are overwritten and counted: no request ever waits for a disk.
"""
