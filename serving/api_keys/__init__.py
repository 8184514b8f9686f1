"""Who may ask a model from outside: the proxy asks this small service before it passes a request on."""
