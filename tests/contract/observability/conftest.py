from tests.apiserver import apiserver

__all__ = ["apiserver"]
