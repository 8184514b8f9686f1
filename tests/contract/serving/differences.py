"""Where our server answers otherwise than kserve's: both statuses, and the sentence that decides for ours.

Where the statuses are the same, the body or a header differs; ``test_differences`` says how.
"""

from __future__ import annotations

from tests.contract.serving.sentences import (
    BINARY_BOOL,
    BINARY_DEFAULT,
    BINARY_SIZE,
    CODINGS,
    COERCION,
    ERRORS,
    ID,
    LENGTHS,
    METADATA,
    NESTING,
    OCTETS,
    OUTPUTS,
    POST,
    SERVER,
    V1_COERCION,
    V1_ERRORS,
    VERSIONS,
    Sentence,
)

#: by the name of the request: our status, kserve's
Differences = dict[str, tuple[int, int]]

IN_V1: dict[Sentence, Differences] = {
    V1_ERRORS: {
        "no object": (400, 500),
        "no instances": (400, 500),
        "instances no list": (400, 500),
        "too many rows": (413, 400),
        "a row that is a number": (400, 500),
        "too few values": (400, 500),
        "rows of unequal length": (400, 500),
        "text": (400, 500),
        "a nested value": (400, 500),
        "a missing feature": (400, 500),
        "prediction with GET": (405, 404),
    },
    V1_COERCION: {
        "a number as text": (400, 200),
        "a boolean for a number": (400, 200),
        "an unknown feature": (400, 200),
    },
    CODINGS: {
        "gzip": (200, 400),
    },
    SERVER: {
        "GET /v2": (200, 200),
    },
    METADATA: {
        "GET /v2/models/toy": (200, 200),
    },
    VERSIONS: {
        "GET /v2/models/toy/versions/3": (200, 501),
        "GET /v2/models/toy/versions/3/ready": (200, 501),
    },
    ERRORS: {
        "GET /v2/nowhere": (404, 404),
    },
}

IN_V2: dict[Sentence, Differences] = {
    BINARY_BOOL: {
        "BOOL as a number that is neither 0 nor 1, in binary": (400, 200),
    },
    ID: {
        "an empty id": (200, 200),
    },
    OCTETS: {
        "only label in binary": (200, 200),
        "only probabilities in binary": (200, 200),
        "all outputs in binary": (200, 200),
        "binary in and out": (200, 200),
        "outputs of both kinds": (200, 200),
    },
    OUTPUTS: {
        "an output asked for twice": (400, 200),
    },
    BINARY_DEFAULT: {
        "listed outputs under a binary default": (200, 200),
        "a binary default that is a text": (400, 200),
    },
    ERRORS: {
        "a list": (400, 422),
        "no inputs": (400, 422),
        "empty inputs": (400, 500),
        "inputs no list": (400, 422),
        "a tensor that is none": (400, 422),
        "an id that is a number": (400, 422),
        "parameters no object": (400, 422),
        "an output without name": (400, 422),
        "a tensor without name": (400, 422),
        "a tensor without shape": (400, 422),
        "a tensor without datatype": (400, 422),
        "a tensor without data": (400, 422),
        "nothing": (400, 422),
        "half a JSON": (400, 422),
        "no UTF-8": (400, 400),
        "a JSON that is too deep": (400, 400),
        "too few values": (400, 500),
        "too many values": (400, 500),
        "three dimensions": (400, 500),
        "too wide": (400, 500),
        "too many rows": (413, 400),
        "unequal columns": (400, 500),
        "a JSON length that is a text": (400, 500),
        "a binary tensor without bytes": (400, 422),
    },
    COERCION: {
        "text in floats": (400, 200),
        "a boolean in floats": (400, 200),
        "fractions in integers": (400, 200),
        "null in integers": (400, 500),
        "too large for INT8": (400, 500),
        "negative in UINT8": (400, 500),
        "BYTES": (400, 200),
        "BOOL for numbers": (400, 200),
        "numbers in BOOL": (400, 200),
    },
    NESTING: {
        "ragged rows": (400, 500),
        "nested otherwise than the shape": (400, 200),
    },
    LENGTHS: {
        "a negative length": (400, 200),
        "a length that is a text": (400, 200),
    },
    BINARY_SIZE: {
        "a byte too few": (400, 500),
        "a byte too many": (400, 200),
        "another binary_data_size": (400, 500),
        "values in JSON and in binary": (400, 200),
    },
    VERSIONS: {
        "the served version": (200, 501),
        "another version": (404, 501),
    },
    CODINGS: {
        "gzip": (200, 400),
        "damaged gzip": (400, 422),
    },
    POST: {
        "inference with GET": (405, 405),
    },
}
