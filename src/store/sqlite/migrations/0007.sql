-- Everything about persons is sealed. The tables that held it in clear are set aside under other names; opening the store drains
-- them into the new ones, a bounded number of rows at a time, drops them, and writes the file anew without what they held.

-- The keys it is sealed with, by their name, and whether nothing is left in clear. One row, once it was opened with keys.
CREATE TABLE vault (
  name  BLOB NOT NULL,
  whole INTEGER NOT NULL
) STRICT;

-- A slot of the file of keys, and what is sealed under it: one filing, one callback, or a month of who looked and who acted.
CREATE TABLE slot (
  id       INTEGER PRIMARY KEY,  -- its place in the file of keys
  filing   INTEGER,
  callback INTEGER,
  month    TEXT,
  subjects BLOB,                 -- whom it is about, blinded: 16 bytes each, one after the other
  erased   INTEGER               -- leaf
) STRICT;
CREATE INDEX slot_month ON slot (month) WHERE month IS NOT NULL;

ALTER TABLE filing ADD COLUMN slot INTEGER;
ALTER TABLE callback ADD COLUMN slot INTEGER;

ALTER TABLE body RENAME TO clear_body;
CREATE TABLE body (
  filing  INTEGER PRIMARY KEY REFERENCES filing,
  filed   BLOB NOT NULL,        -- sealed: as filed, byte for byte
  dossier BLOB NOT NULL,        -- sealed: what was read from it, JSON
  receipt BLOB NOT NULL,        -- sealed: as given out, byte for byte
  reused  INTEGER               -- the leaf that commits to the dossier, once the state's facts are in it
) STRICT;

ALTER TABLE message RENAME TO clear_message;
CREATE TABLE message (
  exchange  INTEGER PRIMARY KEY REFERENCES exchange,
  payload   BLOB NOT NULL,       -- sealed
  signature TEXT,
  salt      BLOB NOT NULL,
  mapping   TEXT NOT NULL,
  leaf      INTEGER NOT NULL     -- the one that commits to the payload
) STRICT;

ALTER TABLE step RENAME TO clear_step;
CREATE TABLE step (
  lane     INTEGER NOT NULL REFERENCES lane,
  key      BLOB NOT NULL,
  exchange INTEGER NOT NULL REFERENCES exchange,
  at       INTEGER NOT NULL,
  step     BLOB NOT NULL,        -- sealed
  PRIMARY KEY (lane, key)
) STRICT, WITHOUT ROWID;

ALTER TABLE answer RENAME TO clear_answer;
CREATE TABLE answer (
  attempt INTEGER PRIMARY KEY REFERENCES attempt,
  bytes   BLOB NOT NULL          -- sealed
) STRICT;

ALTER TABLE handling RENAME TO clear_handling;
CREATE TABLE handling (
  id       INTEGER PRIMARY KEY,
  exchange INTEGER NOT NULL REFERENCES exchange,
  at       INTEGER NOT NULL,
  release  TEXT,                 -- null: retry
  reason   BLOB NOT NULL,        -- sealed
  leaf     INTEGER NOT NULL
) STRICT;

-- Who asked and why, JSON, and what was said to it in words.
ALTER TABLE act RENAME TO clear_act;
CREATE TABLE act (
  inquiry INTEGER PRIMARY KEY REFERENCES inquiry,
  who     BLOB NOT NULL,         -- sealed
  words   BLOB                   -- sealed
) STRICT;

ALTER TABLE callback_body RENAME TO clear_callback_body;
CREATE TABLE callback_body (
  callback INTEGER PRIMARY KEY REFERENCES callback,
  document BLOB NOT NULL,        -- sealed: in its wire's normal form
  status   INTEGER NOT NULL,
  media    TEXT NOT NULL,
  reply    BLOB NOT NULL         -- sealed: as given, byte for byte
) STRICT;

-- Papers by their SHA-256, each as often as it came: what one callback brought ends with that callback.
ALTER TABLE paper RENAME TO clear_paper;
CREATE TABLE paper (
  digest BLOB NOT NULL,
  slot   INTEGER NOT NULL,
  bytes  BLOB NOT NULL,          -- sealed
  PRIMARY KEY (digest, slot)
) STRICT, WITHOUT ROWID;

ALTER TABLE news RENAME TO clear_news;
CREATE TABLE news (
  number TEXT PRIMARY KEY,
  at     INTEGER NOT NULL,
  slot   INTEGER NOT NULL,       -- of the callback that was put on it last
  facts  BLOB NOT NULL           -- sealed
) STRICT, WITHOUT ROWID;

-- The bodies of events that are not sealed yet: their rows stay where they are.
CREATE TABLE clear_event (
  event INTEGER PRIMARY KEY
) STRICT;
INSERT INTO clear_event SELECT id FROM event;
