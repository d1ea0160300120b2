-- 10: what was known about a place when a key was seen there (E1)
ALTER TABLE leak_place ADD COLUMN details TEXT NOT NULL DEFAULT '{}'; -- object of strings and numbers
