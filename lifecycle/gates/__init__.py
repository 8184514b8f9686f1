"""The gates between a trained candidate and traffic.

Each gate is a small pure object that reads the :class:`~lifecycle.gates.evidence.Evidence` of one
candidate and answers with a verdict, the value, the bound and one sentence. What could not be measured
fails: silence is never consent. :data:`lifecycle.gates.registry.GATES` is the whole list.
"""
