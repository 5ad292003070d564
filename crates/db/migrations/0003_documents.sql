-- Documents and vectors that callers keep in stores of their own. The name of a store is data. Its search index is an
-- FTS5 table of its own with the number of its row in the name (`documents_fts_7`, over the view `document_texts_7`),
-- made and dropped with the store: what stands in other stores changes neither scores nor cost.

CREATE TABLE document_stores (
  row_id         INTEGER PRIMARY KEY CHECK (row_id BETWEEN 1 AND 4194303),  -- see vectors.row_id
  name           TEXT NOT NULL UNIQUE,
  document_count INTEGER NOT NULL DEFAULT 0,
  vector_count   INTEGER NOT NULL DEFAULT 0,
  dimension      INTEGER,                            -- of its vectors, while there are any
  model_id       TEXT,                               -- that made its vectors, where a caller told it
  created_at_ms  INTEGER NOT NULL
) STRICT;

CREATE TABLE documents (
  row_id       INTEGER PRIMARY KEY,
  store_row_id INTEGER NOT NULL REFERENCES document_stores (row_id),
  id           TEXT NOT NULL,
  metadata     TEXT,
  content      TEXT NOT NULL,
  UNIQUE (store_row_id, id)
) STRICT;

-- A search reads all vectors of a store, so they stand side by side, without what is shown of a few of them.
CREATE TABLE vectors (
  row_id       INTEGER PRIMARY KEY,                  -- the store's row_id times 2^40, and a number
  store_row_id INTEGER NOT NULL REFERENCES document_stores (row_id),
  id           TEXT NOT NULL,
  vector       BLOB NOT NULL,                        -- 32-bit floats, little-endian
  UNIQUE (store_row_id, id)
) STRICT;

CREATE TABLE vector_texts (
  vector_row_id INTEGER PRIMARY KEY REFERENCES vectors (row_id) ON DELETE CASCADE,
  metadata      TEXT,
  content       TEXT NOT NULL
) STRICT;
