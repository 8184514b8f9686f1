# pyright: basic
# river's datasets are iterated as untyped dictionaries.
"""What is particular to this model: where its rows come from."""

from __future__ import annotations

import pandas as pd
from river.datasets import Phishing

#: the label in the source -> the class in model.yaml
CLASSES = {False: "legitimate", True: "phishing"}


def load() -> pd.DataFrame:
    """The 1,250 labelled web pages that the river package ships."""
    return pd.DataFrame([{**traits, "verdict": CLASSES[bool(label)]} for traits, label in Phishing()])
