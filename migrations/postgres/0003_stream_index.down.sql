DROP TABLE stream_index;
