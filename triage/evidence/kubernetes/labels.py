"""The labels by which the platform's objects are found."""

from __future__ import annotations

#: a model's name, on every object of it
MODEL_LABEL = "homeostat.dev/model"
#: a component's name
NAME_LABEL = "app.kubernetes.io/name"
