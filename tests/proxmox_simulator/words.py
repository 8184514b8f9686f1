"""Long lists of names, readable as lines of words."""


def words(text: str) -> list[str]:
    """The words of `text`."""
    return text.split()
