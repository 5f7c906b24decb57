-- What national sides sent by themselves. Its leaf commits to what it said; its reply is kept as it was given.
CREATE TABLE callback (
  id       INTEGER PRIMARY KEY,      -- the order in which they came
  uid      BLOB NOT NULL UNIQUE,
  listener TEXT NOT NULL,
  kind     TEXT NOT NULL,
  key      BLOB NOT NULL,            -- the first 16 bytes of SHA-256 over listener, kind and the sender's key
  digest   BLOB NOT NULL,            -- SHA-256 of what it says
  at       INTEGER NOT NULL,
  said_at  INTEGER,
  updating INTEGER NOT NULL,
  number   TEXT,
  system   TEXT,
  end      TEXT NOT NULL,            -- as its sender was answered
  state    TEXT NOT NULL,            -- waiting, applied, parked, refused
  owner    TEXT,
  action   TEXT,
  cause    TEXT,
  salt     BLOB NOT NULL,
  leaf     INTEGER NOT NULL,         -- of its coming
  applied  INTEGER,                  -- leaf of its being put on the dossier, or of its stop
  UNIQUE (key, digest)
) STRICT;
CREATE INDEX callback_number ON callback (number);
CREATE INDEX callback_open ON callback (state, number) WHERE state IN ('waiting', 'parked');

CREATE TABLE callback_body (
  callback INTEGER PRIMARY KEY REFERENCES callback,
  document BLOB NOT NULL,            -- in its wire's normal form
  status   INTEGER NOT NULL,
  media    TEXT NOT NULL,
  reply    BLOB NOT NULL             -- as given, byte for byte
) STRICT;

-- Papers by their SHA-256.
CREATE TABLE paper (
  digest BLOB PRIMARY KEY,
  bytes  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What the national side said of a dossier, over what was filed.
CREATE TABLE news (
  number TEXT PRIMARY KEY,
  at     INTEGER NOT NULL,
  facts  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What we asked money for, through the payment platform.
CREATE TABLE pay_order (
  reference TEXT PRIMARY KEY,
  number    TEXT NOT NULL,
  amount    INTEGER NOT NULL,
  at        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the provincial systems are told; the id is the place in the feed.
CREATE TABLE event (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  uid      BLOB NOT NULL UNIQUE,
  system   TEXT NOT NULL,
  number   TEXT NOT NULL,
  kind     TEXT NOT NULL,
  at       INTEGER NOT NULL,
  callback INTEGER NOT NULL REFERENCES callback,
  body     BLOB NOT NULL,
  wake     INTEGER,                  -- a webhook is tried not before; null when there is none, or when it was taken
  tries    INTEGER NOT NULL DEFAULT 0,
  told     INTEGER                   -- leaf of the telling
) STRICT;
CREATE INDEX event_feed ON event (system, id);
CREATE INDEX event_wake ON event (system, wake) WHERE wake IS NOT NULL;
CREATE INDEX event_number ON event (number, id) WHERE wake IS NOT NULL;

-- The numbers given out for dossiers that the national side files.
CREATE TABLE reserved (
  begins TEXT NOT NULL,
  day    TEXT NOT NULL,
  last   INTEGER NOT NULL,
  PRIMARY KEY (begins, day)
) STRICT, WITHOUT ROWID;
