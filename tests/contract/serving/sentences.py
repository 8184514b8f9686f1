"""The sentences that decide where our server and kserve's differ, word for word."""

from __future__ import annotations

from dataclasses import dataclass

_REST = "https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md"
_BINARY = "https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md"


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a specification says, and where."""

    text: str
    source: str


ERRORS = Sentence(
    "A failed inference request must be indicated by an HTTP error status (typically 400). "
    "The HTTP body must contain the *$inference_error_response* object.",
    _REST,
)
COERCION = Sentence(
    "The server can decide to coerce each element to the required type or return an error if an unexpected "
    "value is received.",
    _REST,
)
LENGTHS = Sentence(
    "Each dimension must be an integer representable as an unsigned 64-bit integer value.", _REST
)
NESTING = Sentence(
    "Tensor elements may be presented in their nature multi-dimensional representation, or as a flattened "
    "one-dimensional representation.",
    _REST,
)
ID = Sentence("Optional, but if specified this identifier must be returned in the response.", _REST)
POST = Sentence("An inference request is made with an HTTP POST to an inference endpoint.", _REST)
VERSIONS = Sentence(
    "If the model has been configured to implement a version, the request path could look something like "
    "v2/models/my_model/versions/v10, where the version of the model is v10.",
    _REST,
)
METADATA = Sentence(
    "“versions” : The model versions that may be explicitly requested via the appropriate endpoint. "
    "“platform” : The framework/backend for the model.",
    _REST,
)
SERVER = Sentence(
    "“name” : A descriptive name for the server. “version” : The server version. “extensions” : The "
    "extensions supported by the server.",
    _REST,
)
#: which settings count for an output that is described twice it leaves open: neither is guessed
OUTPUTS = Sentence(
    "The output tensors requested for this inference. Each requested output is described using the "
    "*$request_output* schema defined in Request Output.",
    _REST,
)
OCTETS = Sentence(
    "HTTP/1.1 200 OK, Content-Type: application/octet-stream, Inference-Header-Content-Length: <yy>", _BINARY
)
BINARY_DEFAULT = Sentence(
    "bool parameter that is true if all outputs should be returned as binary data and false (or not given) "
    'if the outputs should be returned as JSON. If "binary_data" is specified on an output it overrides '
    "this setting.",
    _BINARY,
)
BINARY_BOOL = Sentence(
    "For BOOL type element true is a single byte with value 1 and false is a single byte with value 0.",
    _BINARY,
)
BINARY_SIZE = Sentence(
    "“binary_data_size” : int64 parameter indicating the size of the tensor binary data, in bytes.", _BINARY
)
CODINGS = Sentence(
    "The “Content-Encoding” header field indicates what content codings have been applied to the "
    "representation, beyond those inherent in the media type, and thus what decoding mechanisms have to be "
    "applied in order to obtain data in the media type referenced by the Content-Type header field.",
    "https://www.rfc-editor.org/rfc/rfc9110#section-8.4",
)
#: V1 is TensorFlow Serving's protocol
V1_ERRORS = Sentence(
    "In case of error, all APIs will return a JSON object in the response body with error as key and the "
    "error message as the value.",
    "https://www.tensorflow.org/tfx/serving/api_rest",
)
#: what V1 leaves open: a value of another type is refused as in V2, since a guess would answer silently
V1_COERCION = Sentence(COERCION.text, _REST)
