"""What the API answers when it refuses: a status, a reason line, and the parameters that were wrong."""


class Refusal(Exception):  # noqa: N818  # an answer, not a malfunction
    """A request that is not done.

    Attributes:
        status: the HTTP status, which Proxmox uses loosely (500 for much that is permanent).
        message: the reason line.
        errors: the mistake of each parameter.
    """

    def __init__(self, status: int, message: str, errors: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors or {}


def wrong_parameters(errors: dict[str, str]) -> Refusal:
    """400, as for every mistake in a parameter."""
    return Refusal(400, "Parameter verification failed.", errors)


def not_permitted(what: str | None = None) -> Refusal:
    """403: `what` names the path and the privilege, where Proxmox names them."""
    return Refusal(403, "Permission check failed" + (f" ({what})" if what else ""))


def not_authentic(message: str) -> Refusal:
    """401: who asks is not known."""
    return Refusal(401, message)


def failure(message: str) -> Refusal:
    """500: what a `die` in the API's code becomes, permanent or not."""
    return Refusal(500, message)
