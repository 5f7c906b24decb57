-- What a person said is to become of a callback or a payment that waited for one.
CREATE TABLE ruling (
  leaf      INTEGER PRIMARY KEY,
  about     BLOB NOT NULL,                -- uid of the callback or the payment
  word      TEXT NOT NULL,                -- to-dossier, to-system, set-aside, ask-again, drop
  at        INTEGER NOT NULL,
  account   BLOB,                         -- whose, blinded; null: a program's token was shown
  reason    BLOB NOT NULL                 -- sealed by the month
) STRICT;
CREATE INDEX ruling_about ON ruling (about);
