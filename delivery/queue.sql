CREATE TABLE IF NOT EXISTS runs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    commit_id TEXT NOT NULL UNIQUE,
    previous TEXT,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'refused', 'failed', 'releases-only')),
    sentence TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    queued_at TEXT NOT NULL,
    ended_at TEXT
);
