-- What people search by, beside numbers. What is delivered is most of it and found by its time; what is not, by its state.
CREATE INDEX dossier_agency ON dossier (agency);
CREATE INDEX dossier_procedure ON dossier (procedure);
CREATE INDEX dossier_subject ON dossier (subject) WHERE subject IS NOT NULL;
CREATE INDEX exchange_state ON exchange (state, uid) WHERE state <> 'delivered';
CREATE INDEX handling_exchange ON handling (exchange);

-- Who laid a hand on it, blinded; none where a program's token did.
ALTER TABLE handling ADD COLUMN account BLOB;
