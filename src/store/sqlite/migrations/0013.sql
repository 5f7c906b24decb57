-- Files that systems hand in. Their bytes lie in a folder of their own, sealed part by part; here stands what they are and whose.
CREATE TABLE file (
  id     INTEGER PRIMARY KEY,
  uid    BLOB NOT NULL UNIQUE,   -- its name in the folder, and in the log
  system TEXT NOT NULL,
  digest BLOB NOT NULL,          -- SHA-256 of its bytes
  size   INTEGER NOT NULL,
  media  TEXT NOT NULL,          -- by its first bytes
  at     INTEGER NOT NULL,
  salt   BLOB NOT NULL,
  slot   INTEGER NOT NULL,
  leaf   INTEGER NOT NULL,
  gone   INTEGER                 -- since which leaf its bytes are not here any more
) STRICT;
-- The same bytes of one system are one file.
CREATE UNIQUE INDEX file_held ON file (system, digest) WHERE gone IS NULL;

-- Where a file is fetched, one address for each dossier that names it. The address itself opens the file, so it is sealed here and
-- found by its fingerprint.
CREATE TABLE file_address (
  key     BLOB PRIMARY KEY,      -- SHA-256 of the address
  number  TEXT NOT NULL,
  file    INTEGER NOT NULL REFERENCES file,
  address BLOB NOT NULL,         -- sealed, with the filing that named it first
  name    BLOB NOT NULL,         -- sealed: what people read
  dead    INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX file_address_of ON file_address (number, file) WHERE dead = 0;
CREATE INDEX file_address_file ON file_address (file);

ALTER TABLE slot ADD COLUMN file INTEGER;
CREATE INDEX slot_file ON slot (file) WHERE file IS NOT NULL;
