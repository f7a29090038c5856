-- In force on every connection. FULL, not NORMAL: in WAL mode NORMAL may roll back the last
-- commits after a power cut, and a receipt may have been printed for them.
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;
PRAGMA secure_delete = ON;
-- Nothing unencrypted in temporary files.
PRAGMA temp_store = MEMORY;
-- An I/O error must be an error, not a signal.
PRAGMA mmap_size = 0;
PRAGMA journal_size_limit = 67108864;
PRAGMA wal_autocheckpoint = 1000;
PRAGMA cache_size = -16384;
-- INSERT OR REPLACE must meet the triggers that keep the log from shrinking.
PRAGMA recursive_triggers = ON;
