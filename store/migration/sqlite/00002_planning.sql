-- What SQLite is to take for granted of tables that grow with the members, in the form in which its ANALYZE would write it down (https://www.sqlite.org/fileformat2.html#the_sqlite_stat1_table): how many
-- rows there are, and how many share the first column of an index, the first two, and so on. Without figures it takes a programme for ten rows, and reads all members of one to find two of which it has
-- the ids. With these its plans are the same on the first day and after years. Whoever runs ANALYZE puts real figures in their place.

-- +goose Up
ANALYZE programmes; -- makes the table for them
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('identities', 'identity_programme_id_kind_value', '1000000 1000000 300000 1'),
  ('members', 'member_account_id', '1000000 1'),
  ('members', 'member_programme_id_enrolled_at_id', '1000000 1000000 2 1'),
  ('members', 'member_programme_id_persona_id', '1000000 1000000 250000 1'),
  ('members', 'member_programme_id_status_enrolled_at_id', '1000000 1000000 200000 2 1'),
  ('members', 'member_programme_id_tier_id', '1000000 1000000 250000 1'),
  ('visits', 'visit_programme_id_touchpoint_day_member_id', '1000000 1000000 100000 1000 1');

-- +goose Down
DROP TABLE sqlite_stat1;
