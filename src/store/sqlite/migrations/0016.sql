-- What the gateway stated of its own books, each with its leaf. The number is the leaf's, so that a row that is gone leaves a hole.
CREATE TABLE statement (
  number  INTEGER PRIMARY KEY,
  partner TEXT NOT NULL,
  at      INTEGER NOT NULL,
  leaves  INTEGER NOT NULL,      -- under the log at the moment of which it speaks
  agrees  INTEGER NOT NULL,
  leaf    INTEGER NOT NULL,
  note    TEXT NOT NULL
) STRICT;
CREATE INDEX statement_partner ON statement (partner, number);

-- What the first `leaves` of the log come to, so that only later ones are read for the next statement; believed by nobody who checks.
-- Leaves of acceptances say from `since` on which partner they are for: what was accepted before that, and is not prepared, is not
-- counted until it is. One row.
CREATE TABLE reckoned (
  since  INTEGER NOT NULL,
  leaves INTEGER NOT NULL,
  state  BLOB NOT NULL
) STRICT;
INSERT INTO reckoned SELECT coalesce(max(id) + 1, 0), 0, x'' FROM leaf;
