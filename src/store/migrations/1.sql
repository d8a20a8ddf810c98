-- Facts about the store itself: its own name, by which an export knows it again.
CREATE TABLE facts (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Each time that the store was brought up to date.
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- live: from the registry; file: from downloaded records; labels: only classified anew.
    kind TEXT NOT NULL CHECK (kind IN ('live', 'file', 'labels')),
    -- 1 where everything was read, not only what was updated lately.
    is_full INTEGER NOT NULL,
    -- UTC, RFC 3339.
    finished_at TEXT NOT NULL,
    -- When the registry was last seen to hold the same data.
    checked_at TEXT NOT NULL,
    -- live: dataTimestamp as it came; file: the newest day of its records.
    data_timestamp TEXT,
    -- What was asked for: query and fields.
    scope TEXT NOT NULL,
    -- By which tables and program the studies were labelled.
    classifier TEXT NOT NULL,
    api TEXT,
    path TEXT,
    -- Studies that the recall query found, in a full run.
    found INTEGER,
    -- Studies in the store afterwards.
    studies INTEGER NOT NULL,
    -- Addresses asked for, a JSON list.
    requests TEXT NOT NULL
) STRICT;

-- Every version of a record that differed from the one before.
CREATE TABLE versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    nct TEXT NOT NULL,
    run INTEGER NOT NULL,
    -- Fingerprint of what the record says.
    hash BLOB NOT NULL,
    -- lastUpdatePostDate.
    updated TEXT,
    -- The record as it came, packed with zlib.
    record BLOB NOT NULL
) STRICT;
CREATE INDEX versions_of ON versions (nct, id);

-- The studies as they are now. No blobs here: a search reads all of its rows.
CREATE TABLE studies (
    nct TEXT PRIMARY KEY,
    version INTEGER NOT NULL REFERENCES versions (id),
    updated TEXT,
    -- versionHolder: the day of the data set that the copy came from.
    data_date TEXT,
    -- overallStatus as it came.
    status TEXT,
    -- Whether it gives engineered cells, and whether it is about MS.
    is_cell INTEGER NOT NULL,
    is_ms INTEGER NOT NULL,
    -- What it was classified as: a JSON object of path and value.
    labels TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Studies that the registry no longer has, with their last copy.
CREATE TABLE tombstones (
    nct TEXT PRIMARY KEY,
    version INTEGER NOT NULL REFERENCES versions (id),
    run INTEGER NOT NULL,
    removed_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Numbers that a study had before.
CREATE TABLE aliases (
    alias TEXT PRIMARY KEY,
    nct TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Records that came and could not be read; they are asked for again each time.
CREATE TABLE unread (
    nct TEXT PRIMARY KEY,
    what TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What changed, written down when it was seen.
CREATE TABLE changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL,
    detected_at TEXT NOT NULL,
    nct TEXT NOT NULL,
    change TEXT NOT NULL,
    field TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    updated TEXT,
    -- registry: the record changed; program: only our reading of it did.
    cause TEXT NOT NULL CHECK (cause IN ('registry', 'program'))
) STRICT;
CREATE INDEX changes_of ON changes (run, id);
