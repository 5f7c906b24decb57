-- Time-stamps of checkpoints: kept as long as the log, since each proves when all leaves before it existed.
CREATE TABLE stamp (
    leaves INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    note TEXT NOT NULL,
    token BLOB NOT NULL
) STRICT;
