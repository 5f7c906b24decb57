-- What lay in a tray of a national side and was taken in, by its number there.
CREATE TABLE tray_item (
  tray         TEXT NOT NULL,        -- the partner
  item         TEXT NOT NULL,        -- its number there
  number       TEXT NOT NULL UNIQUE, -- the number that it was given here
  at           INTEGER NOT NULL,
  acknowledged INTEGER,              -- leaf; null while what came last is not acknowledged
  PRIMARY KEY (tray, item)
) STRICT, WITHOUT ROWID;
