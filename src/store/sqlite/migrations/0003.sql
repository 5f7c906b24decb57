-- The table of chains trails behind the leaves: it has the heads of so many of them, the first ones. One row.
CREATE TABLE chained (
  leaves INTEGER NOT NULL
) STRICT;
INSERT INTO chained SELECT coalesce(max(id) + 1, 0) FROM leaf;
