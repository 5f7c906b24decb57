-- What we ask money for, through a payment platform. The table of this name before had never a row: nothing began here.
DROP TABLE pay_order;
CREATE TABLE pay_order (
  id          INTEGER PRIMARY KEY,
  uid         BLOB NOT NULL UNIQUE,
  reference   TEXT NOT NULL UNIQUE,
  system      TEXT NOT NULL,
  number      TEXT NOT NULL,
  partner     TEXT NOT NULL,
  amount      INTEGER NOT NULL,
  at          INTEGER NOT NULL,           -- when it began: every call about it names this moment
  mapping     TEXT NOT NULL,
  slot        INTEGER NOT NULL,           -- of the filing it was made of
  payload     BLOB NOT NULL,              -- sealed: what is sent to begin it, the same on every try
  salt        BLOB NOT NULL,
  state       TEXT NOT NULL,              -- asked, open, paid, failed, parked, dropped
  phase       TEXT NOT NULL,              -- what the platform is asked next: init, query, bill
  since       INTEGER NOT NULL,           -- from when on the time is counted after which a person is asked
  wake        INTEGER,                    -- not before; null: nothing is asked
  fence       INTEGER NOT NULL DEFAULT 0, -- grows each time it is given out or turned
  held        INTEGER NOT NULL DEFAULT 0, -- in a worker's hand, until wake
  calls       INTEGER NOT NULL DEFAULT 0, -- calls begun
  tries       INTEGER NOT NULL DEFAULT 0, -- calls begun in this phase
  under_way   INTEGER NOT NULL DEFAULT 0, -- a call was begun, and its end is not written
  doubtful    INTEGER NOT NULL DEFAULT 0, -- an init left of which nobody knows whether the platform has it
  page        BLOB,                       -- sealed: where its payer pays
  transaction_id TEXT,                    -- the platform's own number of what was paid
  paid_at     INTEGER,
  owner       TEXT,
  action      TEXT,
  cause       TEXT,
  queued      INTEGER NOT NULL,           -- leaf of its beginning
  leaf        INTEGER NOT NULL            -- the leaf that turned it last
) STRICT;
-- One order of a dossier while it may still be paid.
CREATE UNIQUE INDEX pay_order_open ON pay_order (number) WHERE state IN ('asked', 'open', 'parked');
CREATE INDEX pay_order_number ON pay_order (number);
CREATE INDEX pay_order_wake ON pay_order (partner, wake) WHERE wake IS NOT NULL;

CREATE TABLE pay_call (
  pay_order INTEGER NOT NULL REFERENCES pay_order,
  call      INTEGER NOT NULL,
  phase     TEXT NOT NULL,
  at        INTEGER NOT NULL,
  digest    BLOB NOT NULL,                -- SHA-256 of all bytes that left
  leaf      INTEGER NOT NULL,             -- of its beginning
  ended_at  INTEGER,
  status    INTEGER,
  cause     TEXT,
  PRIMARY KEY (pay_order, call)
) STRICT, WITHOUT ROWID;

CREATE TABLE pay_receipt (
  pay_order INTEGER PRIMARY KEY REFERENCES pay_order,
  media     TEXT NOT NULL,
  bytes     BLOB NOT NULL,                -- sealed, as it came
  leaf      INTEGER NOT NULL              -- of the call that brought it
) STRICT;

-- Whether we asked for what a callback says.
ALTER TABLE callback ADD COLUMN sought INTEGER NOT NULL DEFAULT 0;
