-- Dossiers that a register of the state is pushed, and what became of it there.
CREATE TABLE registration (
  number   TEXT PRIMARY KEY,
  filing   INTEGER NOT NULL,      -- the latest that may be pushed
  state    TEXT NOT NULL,         -- due, idle, stopped, pushed, awaited, supplement, refused, ended
  round    INTEGER NOT NULL,      -- pushes so far
  partner  TEXT,
  asked    TEXT,                  -- what it is asked for by beside its number, JSON
  exchange INTEGER,               -- the latest push
  code     TEXT,                  -- where it stands there, in their word
  tries    INTEGER NOT NULL,      -- questions since that changed
  wake     INTEGER,               -- it is asked for not before
  owner    TEXT,
  action   TEXT,
  cause    TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX registration_due ON registration (state) WHERE state = 'due';
CREATE INDEX registration_wake ON registration (partner, wake) WHERE wake IS NOT NULL;
CREATE INDEX registration_exchange ON registration (exchange) WHERE exchange IS NOT NULL;

-- What a tray's national side is told of what lay there: each state once, in the order of their exchanges.
CREATE TABLE told_state (
  number   TEXT NOT NULL,
  state    INTEGER NOT NULL,
  exchange INTEGER NOT NULL REFERENCES exchange,
  PRIMARY KEY (number, exchange)
) STRICT, WITHOUT ROWID;

-- Counted up whenever there may be something to tell; 0 when that was looked at.
ALTER TABLE tray_item ADD COLUMN stale INTEGER NOT NULL DEFAULT 1;
CREATE INDEX tray_item_stale ON tray_item (stale) WHERE stale > 0;
