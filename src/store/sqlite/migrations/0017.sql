-- Dossiers of which no row is left, since that has served its time: the leaf that says so excuses every leaf of theirs before it.
CREATE TABLE dropped (
  dossier BLOB PRIMARY KEY,      -- blinded
  leaf    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What was in those rows, counted, so that the books go on.
CREATE TABLE dropped_count (
  partner   TEXT PRIMARY KEY,
  accepted  INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  refused   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
