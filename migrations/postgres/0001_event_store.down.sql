-- Indexes, constraints, comments and the identity sequence belong to the table and go with it.
DROP TABLE event_store;
