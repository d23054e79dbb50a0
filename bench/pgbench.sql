-- One purchase, written by hand: one statement and transaction writes what the server writes. Ids are made in order and computed from numbers of
-- twelve digits, so that nothing is looked up; documents are as long as the server's, which they were taken from.
\set member random(100000000001, 100000000000 + :members)
\set cents random(500, 9999)
\set points :cents / 100
WITH c AS (
  INSERT INTO commands (id, programme_id, digest, request, operation, member_id, answer, created_at)
  SELECT ('10000000-0000-7000-8000-' || nextval('bench_numbers'))::uuid, :programme::uuid, gen_random_uuid(), gen_random_uuid(), :operation,
    ('00000000-0000-7000-8000-' || :member)::uuid, :answer::json, now()
  ON CONFLICT (digest) DO NOTHING
  RETURNING id, member_id, created_at
), i AS (
  INSERT INTO interactions (id, programme_id, member_id, event, touchpoint, partner_id, occurred_at, received_at, value, properties, version)
  SELECT c.id, :programme::uuid, c.member_id, 'purchase', 'till', :partner::uuid, c.created_at, c.created_at, :cents, :properties::json, 1 FROM c
), a AS (
  UPDATE accounts SET sequence = sequence + 1, available = available + :points, last_moved_at = c.created_at,
    next_due_at = least(next_due_at, c.created_at + interval '1 year')
  FROM c WHERE accounts.id = c.member_id
  RETURNING accounts.id, accounts.sequence, pending, available, held, debt
), w AS (
  UPDATE working_states SET version = version + 1, doc = :doc::json FROM c WHERE working_states.id = c.member_id
), m AS (
  INSERT INTO movements (id, programme_id, account_id, member_id, number, kind, points, occurred_at, booked_at, pending_after, available_after,
    held_after, debt_after, command_id, interaction_id, revision_id, explanation)
  SELECT c.id, :programme::uuid, a.id, c.member_id, a.sequence, 'earn', :points, c.created_at, c.created_at, a.pending, a.available,
    a.held, a.debt, c.id, c.id, :revision::uuid, :explanation::json FROM c, a
  RETURNING id, available_after
), p AS (
  INSERT INTO postings (id, programme_id, account_id, movement_id, lot_id, source, target, points)
  SELECT c.id, :programme::uuid, c.member_id, c.id, c.id, 'issued', 'available', :points FROM c
), l AS (
  INSERT INTO lots (id, programme_id, account_id, contributor_id, funding, earned_at, activates_at, expires_at, amount, pending, available, held,
    spent, expired, reversed, moved)
  SELECT c.id, :programme::uuid, c.member_id, c.member_id, 'programme', c.created_at, c.created_at, c.created_at + interval '1 year', :points, 0,
    :points, 0, 0, 0, 0, 0 FROM c
)
SELECT id, available_after FROM m;
