DROP TRIGGER tr_event_store_no_replace;
DROP TRIGGER tr_event_store_no_delete;
DROP TRIGGER tr_event_store_no_update;
