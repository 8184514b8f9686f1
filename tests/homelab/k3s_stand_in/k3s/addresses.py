"""Addresses inside one machine."""

#: the API server listens on the port that it tells the cluster of, but where only this machine reaches it;
#: everybody else comes through the front, which listens on that port of every address
API_ADDRESS, API_PORT = "127.0.0.2", 6443
LOCAL_API = f"https://{API_ADDRESS}:{API_PORT}"
