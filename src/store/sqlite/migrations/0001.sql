-- The store's first form. Times are milliseconds since 1970; blinds, digests and ids are bytes; words are those of the log.
-- Rows that change often are small: bodies, payloads and answers have tables of their own.

CREATE TABLE partner (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE dossier (
  id        INTEGER PRIMARY KEY,
  number    TEXT NOT NULL UNIQUE,
  system    TEXT NOT NULL,
  procedure TEXT NOT NULL,
  agency    TEXT,
  status    TEXT NOT NULL,
  blind     BLOB,               -- as in the leaf of its acceptance; the store's own leaves take it from here
  subject   BLOB,
  versions  INTEGER NOT NULL,
  filing    INTEGER NOT NULL    -- the latest
) STRICT;

CREATE TABLE filing (
  id      INTEGER PRIMARY KEY,  -- the order of acceptance
  dossier INTEGER NOT NULL REFERENCES dossier,
  partner INTEGER NOT NULL REFERENCES partner,
  at      INTEGER NOT NULL,
  due_at  INTEGER,
  digest  BLOB NOT NULL,        -- SHA-256 of the body
  salt    BLOB NOT NULL,        -- of the commitment in its leaf
  leaf    INTEGER NOT NULL
) STRICT;

CREATE TABLE body (
  filing  INTEGER PRIMARY KEY REFERENCES filing,
  filed   BLOB NOT NULL,        -- as filed, byte for byte
  dossier BLOB NOT NULL,        -- what was read from it, JSON
  receipt BLOB NOT NULL         -- as given out, byte for byte
) STRICT;

CREATE TABLE unprepared (
  filing   INTEGER PRIMARY KEY REFERENCES filing,
  exchange INTEGER              -- the stopped exchange that waits to be made, when an operator asked for it
) STRICT;

CREATE TABLE idempotency (
  key    BLOB PRIMARY KEY,      -- the first 16 bytes of SHA-256 over system, a zero byte, and the caller's key
  filing INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- All messages of one dossier to one partner: at most one is under way at a time.
CREATE TABLE lane (
  id      INTEGER PRIMARY KEY,
  dossier INTEGER NOT NULL REFERENCES dossier,
  partner INTEGER NOT NULL REFERENCES partner,
  known   INTEGER NOT NULL,     -- 1 once the partner took a message that makes the dossier known
  UNIQUE (dossier, partner)
) STRICT;

CREATE TABLE exchange (
  id         INTEGER PRIMARY KEY, -- the order within its lane
  uid        BLOB NOT NULL UNIQUE,
  lane       INTEGER NOT NULL REFERENCES lane,
  partner    INTEGER NOT NULL,
  operation  TEXT NOT NULL,
  state      TEXT NOT NULL,
  phase      TEXT NOT NULL,
  wake       INTEGER,             -- ready: its deadline; later: not before; leased: until; else null
  fence      INTEGER NOT NULL,    -- leases so far
  attempts   INTEGER NOT NULL,
  under_way  INTEGER NOT NULL,    -- 1 between the begin of an attempt and its end
  sent_at    INTEGER,
  due_at     INTEGER NOT NULL,
  give_up_at INTEGER NOT NULL,
  made_at    INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  leaf       INTEGER NOT NULL,    -- the one it entered last
  filing     INTEGER NOT NULL,    -- it was made for
  owner      TEXT,
  action     TEXT,
  cause      TEXT
) STRICT;
CREATE INDEX exchange_lane ON exchange (lane, state);
CREATE INDEX exchange_wake ON exchange (partner, state, wake) WHERE wake IS NOT NULL;

-- What is rendered once and sent as it is.
CREATE TABLE message (
  exchange  INTEGER PRIMARY KEY REFERENCES exchange,
  payload   BLOB NOT NULL,
  signature TEXT,
  salt      BLOB NOT NULL,
  mapping   TEXT NOT NULL,
  leaf      INTEGER NOT NULL     -- the one that commits to the payload
) STRICT;

-- The key decides which steps are new; each belongs to one exchange.
CREATE TABLE step (
  lane     INTEGER NOT NULL REFERENCES lane,
  key      BLOB NOT NULL,
  exchange INTEGER NOT NULL REFERENCES exchange,
  at       INTEGER NOT NULL,
  step     BLOB NOT NULL,
  PRIMARY KEY (lane, key)
) STRICT, WITHOUT ROWID;

-- An attempt's id is its exchange's id × 2^20 + its number, so that those of one exchange lie together.
CREATE TABLE attempt (
  id        INTEGER PRIMARY KEY,
  phase     TEXT NOT NULL,
  operation TEXT NOT NULL,
  began_at  INTEGER NOT NULL,
  ended_at  INTEGER,
  status    INTEGER,
  verdict   TEXT,
  cause     TEXT,
  digest    BLOB NOT NULL
) STRICT;

CREATE TABLE answer (
  attempt INTEGER PRIMARY KEY REFERENCES attempt,
  bytes   BLOB NOT NULL
) STRICT;

-- An operator's hand: the reason is kept here and not published.
CREATE TABLE handling (
  id       INTEGER PRIMARY KEY,
  exchange INTEGER NOT NULL REFERENCES exchange,
  at       INTEGER NOT NULL,
  release  TEXT,                -- null: retry
  reason   TEXT NOT NULL,
  leaf     INTEGER NOT NULL
) STRICT;

-- The exchange log. A chain's key is its text as the log writes it: its newest leaf.
CREATE TABLE leaf (
  id    INTEGER PRIMARY KEY,    -- the index
  entry BLOB NOT NULL
) STRICT;

CREATE TABLE chain (
  key  BLOB PRIMARY KEY,
  leaf INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tile (
  id     INTEGER PRIMARY KEY,   -- level × 2^48 + number
  hashes BLOB NOT NULL
) STRICT;

CREATE TABLE checkpoint (
  id   INTEGER PRIMARY KEY,
  size INTEGER NOT NULL,
  root BLOB NOT NULL,
  at   INTEGER NOT NULL,
  note TEXT NOT NULL
) STRICT;

-- The books, counted as they change; the self-audit counts the rows and compares.
CREATE TABLE tally (
  name  TEXT PRIMARY KEY,
  count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO tally VALUES ('dossiers', 0), ('unprepared', 0), ('delivered', 0), ('refused', 0), ('parked', 0), ('waiting', 0);
