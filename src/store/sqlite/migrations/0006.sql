-- The map of heads, as whoever follows the log keeps it: for each chain its newest leaf and how many leaves it has. It trails behind
-- the leaves: all of the first `leaves` are in it, and of those after them perhaps some.
CREATE TABLE head (
  key   BLOB PRIMARY KEY,       -- the chain's place in the map
  leaf  INTEGER NOT NULL,
  count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE mapped (
  leaves INTEGER NOT NULL
) STRICT;
INSERT INTO mapped VALUES (0);
