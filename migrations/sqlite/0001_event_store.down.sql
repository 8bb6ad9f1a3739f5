-- Indexes and constraints belong to the table and go with it.
DROP TABLE event_store;
