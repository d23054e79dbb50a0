-- The same purchase as most would write it: a transaction of seven statements, one for each table.
\set member random(100000000001, 100000000000 + :members)
\set cents random(500, 9999)
\set points :cents / 100
BEGIN;
INSERT INTO commands (id, programme_id, digest, request, operation, member_id, answer, created_at)
  VALUES (('10000000-0000-7000-8000-' || nextval('bench_numbers'))::uuid, :programme::uuid, gen_random_uuid(), gen_random_uuid(), :operation,
    ('00000000-0000-7000-8000-' || :member)::uuid, :answer::json, now())
  RETURNING id AS command, member_id AS who \gset
INSERT INTO interactions (id, programme_id, member_id, event, touchpoint, partner_id, occurred_at, received_at, value, properties, version)
  VALUES (:command::uuid, :programme::uuid, :who::uuid, 'purchase', 'till', :partner::uuid, now(), now(), :cents, :properties::json, 1);
UPDATE accounts SET sequence = sequence + 1, available = available + :points, last_moved_at = now(),
    next_due_at = least(next_due_at, now() + interval '1 year') WHERE id = :who::uuid
  RETURNING sequence, pending, available, held, debt \gset
UPDATE working_states SET version = version + 1, doc = :doc::json WHERE id = :who::uuid;
INSERT INTO movements (id, programme_id, account_id, member_id, number, kind, points, occurred_at, booked_at, pending_after, available_after,
    held_after, debt_after, command_id, interaction_id, revision_id, explanation)
  VALUES (:command::uuid, :programme::uuid, :who::uuid, :who::uuid, :sequence, 'earn', :points, now(), now(), :pending, :available, :held, :debt,
    :command::uuid, :command::uuid, :revision::uuid, :explanation::json);
INSERT INTO postings (id, programme_id, account_id, movement_id, lot_id, source, target, points)
  VALUES (:command::uuid, :programme::uuid, :who::uuid, :command::uuid, :command::uuid, 'issued', 'available', :points);
INSERT INTO lots (id, programme_id, account_id, contributor_id, funding, earned_at, activates_at, expires_at, amount, pending, available, held,
    spent, expired, reversed, moved)
  VALUES (:command::uuid, :programme::uuid, :who::uuid, :who::uuid, 'programme', now(), now(), now() + interval '1 year', :points, 0, :points, 0, 0, 0, 0, 0);
COMMIT;
