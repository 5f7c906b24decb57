-- What a scanner said of a file.
ALTER TABLE file ADD COLUMN scan TEXT NOT NULL DEFAULT 'not-scanned';  -- not-scanned, clean, found
ALTER TABLE file ADD COLUMN scan_says TEXT;                -- what was found, by the scanner's name for it; or why there is no verdict
ALTER TABLE file ADD COLUMN scan_wake INTEGER NOT NULL DEFAULT 0;      -- it is not scanned before
ALTER TABLE file ADD COLUMN scan_leaf INTEGER;
CREATE INDEX file_unscanned ON file (scan_wake) WHERE scan = 'not-scanned' AND gone IS NULL;
CREATE INDEX file_found ON file (id) WHERE scan = 'found';
