INSERT INTO users (user_id, email, name, gender, location) VALUES
    (1, 'ada@example.com', 'Ada', 'female', '4.537'),
    (2, 'bob@example.com', 'Bob', 'male', '-1.0'),
    (3, 'cyd@example.com', 'Cyd', 'female', '12.32767');
