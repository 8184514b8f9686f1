"""What databases, caches and brokers say of themselves while they answer, but do not serve."""

from __future__ import annotations

import re

#: each store's own words, in a group of its name
REFUSALS = re.compile(
    r"(?P<Redis>\bMISCONF Redis|\bOOM command not allowed|\bREADONLY You can't write"
    r"|\bLOADING Redis is loading|\bCLUSTERDOWN\b|\bMASTERDOWN\b|\bNOREPLICAS\b)"
    r"|(?P<PostgreSQL>the database system is (?:starting up|shutting down|in recovery mode"
    r"|not (?:yet )?accept)"
    r"|cannot execute \w+(?: \w+)? in a read-only transaction"
    r"|terminating connection due to (?:administrator command|conflict with recovery))"
    r"|(?P<MySQL>running with the --(?:super-)?read-only option)"
    r"|(?P<Kafka>NOT_ENOUGH_REPLICAS|NotEnoughReplicas|LEADER_NOT_AVAILABLE|NOT_LEADER_OR_FOLLOWER"
    r"|UNKNOWN_TOPIC_OR_PARTITION|UnknownTopicOrPartition)"
    r"|(?P<Elasticsearch>cluster_block_exception|blocked by: \[|flood[- ]stage (?:disk )?watermark)"
    r"|(?P<MongoDB>NotWritablePrimary|not master and slaveOk|NotPrimaryNoSecondaryOk)"
)


def store_in(text: str) -> str:
    """The store whose words these are, or the empty string.

    >>> store_in("FATAL:  the database system is in recovery mode"), store_in("all is well")
    ('PostgreSQL', '')
    """
    found = REFUSALS.search(text)
    return (found.lastgroup or "") if found else ""
