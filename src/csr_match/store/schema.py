"""The tables of a workspace; `migrations/` brings an older file to this shape."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, MetaData, String, Table, Text

SCHEMA_VERSION = "0001"

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),
)

record = Table(
    "record",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("payload", Text, nullable=False),  # the record as JSON
    Column("digest", String, nullable=False),  # of payload, encoder and taxonomy: equal means nothing to do
    Column("origin", String, nullable=False),  # the file it came from
    Column("loaded_at", String, nullable=False),  # UTC, ISO 8601
)

passage = Table(
    "passage",
    metadata,
    Column("record_id", String, ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("role", String, nullable=False),
    Column("field", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("weight", Float, nullable=False),
    Column("tags", Text, nullable=False),  # JSON: [[concept, score, quote, how], ...]
)

# No foreign key: a correction outlives the reload of its record.
correction = Table(
    "correction",
    metadata,
    Column("record_id", String, primary_key=True),
    Column("concept", String, primary_key=True),
    Column("holds", Boolean, nullable=False),
    Column("made_at", String, nullable=False),
)
