"""Where reports go: an outbox that forgets nothing, and destinations that post once and then edit."""
