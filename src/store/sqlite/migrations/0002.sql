-- Look-ups of what the state already holds. A row and its leaf are flushed before the call is made.

CREATE TABLE inquiry (
  id        INTEGER PRIMARY KEY,
  uid       BLOB NOT NULL UNIQUE,    -- the evidence id
  number    TEXT NOT NULL,           -- of the dossier or the draft it was made for
  system    TEXT NOT NULL,
  partner   INTEGER NOT NULL REFERENCES partner,
  service   TEXT NOT NULL,           -- wire/operation
  profile   TEXT NOT NULL,           -- name@version
  procedure TEXT NOT NULL,
  basis     TEXT NOT NULL,
  subject   BLOB NOT NULL,           -- blinded
  officer   BLOB NOT NULL,           -- blinded
  request   TEXT NOT NULL UNIQUE,    -- MaYeuCau
  sets      TEXT NOT NULL,           -- the sets of facts that may be delivered
  at        INTEGER NOT NULL,
  salt      BLOB NOT NULL,
  source    BLOB,                    -- the look-up whose answer was used, when no call was made
  asked     INTEGER NOT NULL,        -- leaf
  ended_at  INTEGER,
  class     TEXT,
  hop       TEXT,
  code      TEXT,                    -- theirs, raw
  words     TEXT,                    -- theirs, redacted
  trace     TEXT,                    -- theirs, of the call
  digest    BLOB,                    -- SHA-256 of the answer's bytes
  delivered TEXT,                    -- names of the facts taken, never values
  answered  INTEGER                  -- leaf
) STRICT;
CREATE INDEX inquiry_number ON inquiry (number);
CREATE INDEX inquiry_officer ON inquiry (officer, at);
CREATE INDEX inquiry_open ON inquiry (ended_at) WHERE ended_at IS NULL;

-- Who asked, apart from what was asked about whom.
CREATE TABLE act (
  inquiry INTEGER PRIMARY KEY REFERENCES inquiry,
  officer TEXT NOT NULL,             -- the personal number
  name    TEXT NOT NULL,
  account TEXT NOT NULL,
  agency  TEXT NOT NULL,
  client  TEXT NOT NULL,             -- the address of the caller, or the worker
  reason  TEXT NOT NULL
) STRICT;

-- Dossiers that are being filled in: their number is the purpose of look-ups.
CREATE TABLE draft (
  number    TEXT PRIMARY KEY,
  system    TEXT NOT NULL,
  procedure TEXT NOT NULL,
  at        INTEGER NOT NULL,
  leaf      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE filing ADD COLUMN previous INTEGER;  -- the dossier's filing before it
ALTER TABLE body ADD COLUMN reused INTEGER;      -- the leaf that commits to the dossier, once the state's facts are in it
