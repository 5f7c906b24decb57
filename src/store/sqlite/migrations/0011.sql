-- Looking at sealed data, and erasing it: each a deed with its leaf. Who, why and on what basis is sealed by the month.
CREATE TABLE deed (
  leaf    INTEGER PRIMARY KEY,
  subject BLOB,                -- blinded
  number  TEXT,
  what    TEXT NOT NULL,
  at      INTEGER NOT NULL,
  salt    BLOB NOT NULL,       -- of the commitment in the leaf
  says    BLOB NOT NULL        -- sealed: JSON
) STRICT;
CREATE INDEX deed_subject ON deed (subject) WHERE subject IS NOT NULL;

-- 1 once the key is destroyed as well: a process that died between the leaf and that does it when it comes back.
ALTER TABLE slot ADD COLUMN destroyed INTEGER NOT NULL DEFAULT 0;

-- Everything of one dossier is found without reading everything.
CREATE INDEX filing_dossier ON filing (dossier);
CREATE INDEX paper_slot ON paper (slot);
CREATE INDEX event_dossier ON event (number);
