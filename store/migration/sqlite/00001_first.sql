-- +goose Up
-- create "accounts" table
CREATE TABLE `accounts` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `sequence` integer NOT NULL DEFAULT (0), `pending` integer NOT NULL DEFAULT (0), `available` integer NOT NULL DEFAULT (0), `held` integer NOT NULL DEFAULT (0), `debt` integer NOT NULL DEFAULT (0), `last_moved_at` datetime NULL, `next_due_at` datetime NULL, `active_at` datetime NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "account_next_due_at" to table: "accounts"
CREATE INDEX `account_next_due_at` ON `accounts` (`next_due_at`);
-- create "attribute_values" table
CREATE TABLE `attribute_values` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `member_id` uuid NOT NULL, `dependent_id` uuid NULL, `name` text NOT NULL, `value` json NULL, `party` text NOT NULL, `state` text NOT NULL, `touchpoint` text NULL, `occurred_at` datetime NOT NULL, `consent_id` uuid NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "attributevalue_member_id_name_created_at_id" to table: "attribute_values"
CREATE INDEX `attributevalue_member_id_name_created_at_id` ON `attribute_values` (`member_id`, `name`, `created_at`, `id`);
-- create "budgets" table
CREATE TABLE `budgets` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `amount` integer NOT NULL DEFAULT (0), `spent` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`), CONSTRAINT `budgets_spent` CHECK (spent >= 0 AND spent <= amount));
-- create index "budget_programme_id" to table: "budgets"
CREATE INDEX `budget_programme_id` ON `budgets` (`programme_id`);
-- create "changes" table
CREATE TABLE `changes` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `action` text NOT NULL, `definition_id` uuid NULL, `partner_id` uuid NULL, `before_id` uuid NULL, `after_id` uuid NULL, `version` integer NULL, `caller` text NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "change_programme_id_created_at_id" to table: "changes"
CREATE INDEX `change_programme_id_created_at_id` ON `changes` (`programme_id`, `created_at`, `id`);
-- create index "change_definition_id_created_at_id" to table: "changes"
CREATE INDEX `change_definition_id_created_at_id` ON `changes` (`definition_id`, `created_at`, `id`);
-- create "commands" table
CREATE TABLE `commands` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `digest` uuid NOT NULL, `request` uuid NOT NULL, `operation` text NOT NULL, `member_id` uuid NOT NULL, `answer` json NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "commands_digest_key" to table: "commands"
CREATE UNIQUE INDEX `commands_digest_key` ON `commands` (`digest`);
-- create "consents" table
CREATE TABLE `consents` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `member_id` uuid NOT NULL, `purpose` text NOT NULL, `state` text NOT NULL, `text_version` text NOT NULL, `touchpoint` text NOT NULL, `caller` text NOT NULL, `decided_at` datetime NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "consent_member_id_decided_at_id" to table: "consents"
CREATE INDEX `consent_member_id_decided_at_id` ON `consents` (`member_id`, `decided_at`, `id`);
-- create "contacts" table
CREATE TABLE `contacts` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `member_id` uuid NOT NULL, `channel` text NOT NULL, `sent_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "contact_member_id_sent_at" to table: "contacts"
CREATE INDEX `contact_member_id_sent_at` ON `contacts` (`member_id`, `sent_at`);
-- create "definitions" table
CREATE TABLE `definitions` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `kind` text NOT NULL, `key` text NOT NULL, `draft_id` uuid NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "definition_programme_id_kind_key" to table: "definitions"
CREATE UNIQUE INDEX `definition_programme_id_kind_key` ON `definitions` (`programme_id`, `kind`, `key`);
-- create "erasures" table
CREATE TABLE `erasures` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `member_id` uuid NOT NULL, `cause` text NOT NULL, `erased_at` datetime NOT NULL, `swept_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "erasure_programme_id_erased_at_id" to table: "erasures"
CREATE INDEX `erasure_programme_id_erased_at_id` ON `erasures` (`programme_id`, `erased_at`, `id`);
-- create index "erasure_swept_at" to table: "erasures"
CREATE INDEX `erasure_swept_at` ON `erasures` (`swept_at`) WHERE swept_at IS NULL;
-- create "flows" table
CREATE TABLE `flows` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `month` text NOT NULL, `issued` integer NOT NULL DEFAULT (0), `redeemed` integer NOT NULL DEFAULT (0), `expired` integer NOT NULL DEFAULT (0), `reversed` integer NOT NULL DEFAULT (0), `debt` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`));
-- create index "flow_programme_id_month" to table: "flows"
CREATE UNIQUE INDEX `flow_programme_id_month` ON `flows` (`programme_id`, `month`);
-- create "holds" table
CREATE TABLE `holds` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `account_id` uuid NOT NULL, `expires_at` datetime NOT NULL, `points` integer NOT NULL, `slices` json NOT NULL, `captured` integer NOT NULL DEFAULT (0), `released` integer NOT NULL DEFAULT (0), `rehung_id` uuid NULL, PRIMARY KEY (`id`));
-- create index "hold_account_id" to table: "holds"
CREATE INDEX `hold_account_id` ON `holds` (`account_id`) WHERE points > captured + released;
-- create "identities" table
CREATE TABLE `identities` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `kind` text NOT NULL, `value` text NOT NULL, `created_at` datetime NOT NULL, `member_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `identities_members_identities` FOREIGN KEY (`member_id`) REFERENCES `members` (`id`) ON DELETE NO ACTION);
-- create index "identity_programme_id_kind_value" to table: "identities"
CREATE UNIQUE INDEX `identity_programme_id_kind_value` ON `identities` (`programme_id`, `kind`, `value`);
-- create index "identity_member_id" to table: "identities"
CREATE INDEX `identity_member_id` ON `identities` (`member_id`);
-- create "interactions" table
CREATE TABLE `interactions` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `event` text NOT NULL, `touchpoint` text NOT NULL, `partner_id` uuid NULL, `occurred_at` datetime NOT NULL, `received_at` datetime NOT NULL, `value` integer NULL, `lines` json NULL, `properties` json NULL, `version` integer NOT NULL, `member_id` uuid NOT NULL, PRIMARY KEY (`id`));
-- create index "interaction_member_id_occurred_at_id" to table: "interactions"
CREATE INDEX `interaction_member_id_occurred_at_id` ON `interactions` (`member_id`, `occurred_at`, `id`);
-- create "leases" table
CREATE TABLE `leases` (`id` text NOT NULL, `turn` integer NOT NULL DEFAULT (0), `until` datetime NOT NULL, `done_at` datetime NULL, `outcome` json NULL, PRIMARY KEY (`id`));
-- create "liabilities" table
CREATE TABLE `liabilities` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `as_of` datetime NOT NULL, `outstanding` json NOT NULL, `flows` json NOT NULL, PRIMARY KEY (`id`));
-- create "lots" table
CREATE TABLE `lots` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `account_id` uuid NOT NULL, `contributor_id` uuid NOT NULL, `funding` text NOT NULL DEFAULT ('programme'), `earned_at` datetime NOT NULL, `activates_at` datetime NULL, `expires_at` datetime NULL, `ageing` json NULL, `amount` integer NOT NULL DEFAULT (0), `pending` integer NOT NULL DEFAULT (0), `available` integer NOT NULL DEFAULT (0), `held` integer NOT NULL DEFAULT (0), `spent` integer NOT NULL DEFAULT (0), `expired` integer NOT NULL DEFAULT (0), `reversed` integer NOT NULL DEFAULT (0), `moved` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`));
-- create index "lot_account_id_expires_at_id" to table: "lots"
CREATE INDEX `lot_account_id_expires_at_id` ON `lots` (`account_id`, `expires_at`, `id`) WHERE pending + available + held > 0;
-- create "members" table
CREATE TABLE `members` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `status` text NOT NULL DEFAULT ('registered'), `locale` text NULL, `tier` text NULL, `tier_since` datetime NULL, `persona` text NULL, `enrolled_at` datetime NOT NULL, `due_at` datetime NULL, `merged_into` uuid NULL, `created_at` datetime NOT NULL, `account_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `members_accounts_account` FOREIGN KEY (`account_id`) REFERENCES `accounts` (`id`) ON DELETE NO ACTION);
-- create index "member_programme_id_enrolled_at_id" to table: "members"
CREATE INDEX `member_programme_id_enrolled_at_id` ON `members` (`programme_id`, `enrolled_at`, `id`);
-- create index "member_programme_id_status_enrolled_at_id" to table: "members"
CREATE INDEX `member_programme_id_status_enrolled_at_id` ON `members` (`programme_id`, `status`, `enrolled_at`, `id`);
-- create index "member_programme_id_tier_id" to table: "members"
CREATE INDEX `member_programme_id_tier_id` ON `members` (`programme_id`, `tier`, `id`);
-- create index "member_programme_id_persona_id" to table: "members"
CREATE INDEX `member_programme_id_persona_id` ON `members` (`programme_id`, `persona`, `id`);
-- create index "member_account_id" to table: "members"
CREATE INDEX `member_account_id` ON `members` (`account_id`);
-- create index "member_merged_into" to table: "members"
CREATE INDEX `member_merged_into` ON `members` (`merged_into`) WHERE merged_into IS NOT NULL;
-- create index "member_due_at" to table: "members"
CREATE INDEX `member_due_at` ON `members` (`due_at`) WHERE due_at IS NOT NULL;
-- create "member_events" table
CREATE TABLE `member_events` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `member_id` uuid NOT NULL, `kind` text NOT NULL, `was` text NOT NULL, `status` text NOT NULL, `other_id` uuid NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "memberevent_member_id_id" to table: "member_events"
CREATE INDEX `memberevent_member_id_id` ON `member_events` (`member_id`, `id`);
-- create "movements" table
CREATE TABLE `movements` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `account_id` uuid NOT NULL, `number` integer NOT NULL, `kind` text NOT NULL, `points` integer NOT NULL, `occurred_at` datetime NOT NULL, `booked_at` datetime NOT NULL, `pending_after` integer NOT NULL DEFAULT (0), `available_after` integer NOT NULL DEFAULT (0), `held_after` integer NOT NULL DEFAULT (0), `debt_after` integer NOT NULL DEFAULT (0), `command_id` uuid NOT NULL, `interaction_id` uuid NULL, `revision_id` uuid NULL, `reverses_id` uuid NULL, `explanation` json NOT NULL, `member_id` uuid NOT NULL, PRIMARY KEY (`id`));
-- create index "movement_account_id_number" to table: "movements"
CREATE UNIQUE INDEX `movement_account_id_number` ON `movements` (`account_id`, `number`);
-- create index "movement_member_id_number" to table: "movements"
CREATE INDEX `movement_member_id_number` ON `movements` (`member_id`, `number`);
-- create index "movement_reverses_id" to table: "movements"
CREATE INDEX `movement_reverses_id` ON `movements` (`reverses_id`) WHERE reverses_id IS NOT NULL;
-- create "notes" table
CREATE TABLE `notes` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `member_id` uuid NULL, `caller` text NOT NULL, `text` text NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "note_member_id" to table: "notes"
CREATE INDEX `note_member_id` ON `notes` (`member_id`);
-- create "partners" table
CREATE TABLE `partners` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `key` text NOT NULL, `name` text NOT NULL, `scopes` json NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "partner_programme_id_key" to table: "partners"
CREATE UNIQUE INDEX `partner_programme_id_key` ON `partners` (`programme_id`, `key`);
-- create "postings" table
CREATE TABLE `postings` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `account_id` uuid NOT NULL, `movement_id` uuid NOT NULL, `lot_id` uuid NULL, `source` text NOT NULL, `target` text NOT NULL, `points` integer NOT NULL, PRIMARY KEY (`id`));
-- create "programmes" table
CREATE TABLE `programmes` (`id` uuid NOT NULL, `key` text NOT NULL, `currency` text NOT NULL, `secret` text NOT NULL, `current` integer NOT NULL DEFAULT (0), `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "programmes_key_key" to table: "programmes"
CREATE UNIQUE INDEX `programmes_key_key` ON `programmes` (`key`);
-- create "programme_versions" table
CREATE TABLE `programme_versions` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `number` integer NOT NULL, `effective_from` datetime NOT NULL, `published_at` datetime NOT NULL, `published_by` text NOT NULL, `cause` text NOT NULL, `of` integer NULL, `revisions` json NOT NULL, `paused` json NOT NULL, `turns` json NOT NULL, PRIMARY KEY (`id`));
-- create index "programmeversion_programme_id_number" to table: "programme_versions"
CREATE UNIQUE INDEX `programmeversion_programme_id_number` ON `programme_versions` (`programme_id`, `number`);
-- create "progresses" table
CREATE TABLE `progresses` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `member_id` uuid NOT NULL, `mission_id` uuid NOT NULL, `period` text NOT NULL, `count` integer NOT NULL, `target` integer NOT NULL, `completed_at` datetime NULL, `updated_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "progress_member_id_mission_id_period" to table: "progresses"
CREATE UNIQUE INDEX `progress_member_id_mission_id_period` ON `progresses` (`member_id`, `mission_id`, `period`);
-- create "redemptions" table
CREATE TABLE `redemptions` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `reward_id` uuid NOT NULL, `revision_id` uuid NOT NULL, `movement_id` uuid NOT NULL, `points` integer NOT NULL, `state` text NOT NULL DEFAULT ('confirmed'), `created_at` datetime NOT NULL, `member_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `redemptions_members_redemptions` FOREIGN KEY (`member_id`) REFERENCES `members` (`id`) ON DELETE NO ACTION);
-- create index "redemption_member_id_created_at" to table: "redemptions"
CREATE INDEX `redemption_member_id_created_at` ON `redemptions` (`member_id`, `created_at`);
-- create index "redemption_reward_id" to table: "redemptions"
CREATE INDEX `redemption_reward_id` ON `redemptions` (`reward_id`);
-- create "reversals" table
CREATE TABLE `reversals` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `member_id` uuid NOT NULL, `interaction_id` uuid NOT NULL, `partner_id` uuid NULL, `value` integer NOT NULL, `lines` json NULL, `whole` bool NOT NULL, `undone` json NULL, `occurred_at` datetime NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "reversal_interaction_id" to table: "reversals"
CREATE INDEX `reversal_interaction_id` ON `reversals` (`interaction_id`);
-- create "revisions" table
CREATE TABLE `revisions` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `definition_id` uuid NOT NULL, `number` integer NOT NULL, `body` json NOT NULL, `digest` text NOT NULL, `created_at` datetime NOT NULL, `created_by` text NOT NULL, PRIMARY KEY (`id`));
-- create index "revision_definition_id_number" to table: "revisions"
CREATE UNIQUE INDEX `revision_definition_id_number` ON `revisions` (`definition_id`, `number`);
-- create index "revision_programme_id" to table: "revisions"
CREATE INDEX `revision_programme_id` ON `revisions` (`programme_id`);
-- create "stocks" table
CREATE TABLE `stocks` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `taken` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`));
-- create index "stock_programme_id" to table: "stocks"
CREATE INDEX `stock_programme_id` ON `stocks` (`programme_id`);
-- create "tasks" table
CREATE TABLE `tasks` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `kind` text NOT NULL, `state` text NOT NULL DEFAULT ('waiting'), `input` json NOT NULL, `result` json NULL, `fault` text NULL, `done` integer NOT NULL DEFAULT (0), `total` integer NOT NULL DEFAULT (0), `cancel` bool NOT NULL DEFAULT (false), `turn` integer NOT NULL DEFAULT (0), `until` datetime NULL, `started_by` text NOT NULL, `created_at` datetime NOT NULL, `ended_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "task_programme_id_created_at_id" to table: "tasks"
CREATE INDEX `task_programme_id_created_at_id` ON `tasks` (`programme_id`, `created_at`, `id`);
-- create index "task_created_at_id" to table: "tasks"
CREATE INDEX `task_created_at_id` ON `tasks` (`created_at`, `id`) WHERE ended_at IS NULL;
-- create "tier_changes" table
CREATE TABLE `tier_changes` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `member_id` uuid NOT NULL, `was` text NULL, `tier` text NULL, `reason` text NOT NULL, `since` datetime NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "tierchange_member_id_since_id" to table: "tier_changes"
CREATE INDEX `tierchange_member_id_since_id` ON `tier_changes` (`member_id`, `since`, `id`);
-- create "visits" table
CREATE TABLE `visits` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `touchpoint` text NOT NULL, `day` integer NOT NULL, `member_id` uuid NOT NULL, `interactions` integer NOT NULL, `points` integer NOT NULL, PRIMARY KEY (`id`));
-- create index "visit_programme_id_touchpoint_day_member_id" to table: "visits"
CREATE UNIQUE INDEX `visit_programme_id_touchpoint_day_member_id` ON `visits` (`programme_id`, `touchpoint`, `day`, `member_id`);
-- create "working_states" table
CREATE TABLE `working_states` (`id` uuid NOT NULL, `programme_id` uuid NOT NULL, `version` integer NOT NULL DEFAULT (0), `doc` json NOT NULL, `profile` json NULL, PRIMARY KEY (`id`));

-- +goose Down
-- reverse: create "working_states" table
DROP TABLE `working_states`;
-- reverse: create index "visit_programme_id_touchpoint_day_member_id" to table: "visits"
DROP INDEX `visit_programme_id_touchpoint_day_member_id`;
-- reverse: create "visits" table
DROP TABLE `visits`;
-- reverse: create index "tierchange_member_id_since_id" to table: "tier_changes"
DROP INDEX `tierchange_member_id_since_id`;
-- reverse: create "tier_changes" table
DROP TABLE `tier_changes`;
-- reverse: create index "task_created_at_id" to table: "tasks"
DROP INDEX `task_created_at_id`;
-- reverse: create index "task_programme_id_created_at_id" to table: "tasks"
DROP INDEX `task_programme_id_created_at_id`;
-- reverse: create "tasks" table
DROP TABLE `tasks`;
-- reverse: create index "stock_programme_id" to table: "stocks"
DROP INDEX `stock_programme_id`;
-- reverse: create "stocks" table
DROP TABLE `stocks`;
-- reverse: create index "revision_programme_id" to table: "revisions"
DROP INDEX `revision_programme_id`;
-- reverse: create index "revision_definition_id_number" to table: "revisions"
DROP INDEX `revision_definition_id_number`;
-- reverse: create "revisions" table
DROP TABLE `revisions`;
-- reverse: create index "reversal_interaction_id" to table: "reversals"
DROP INDEX `reversal_interaction_id`;
-- reverse: create "reversals" table
DROP TABLE `reversals`;
-- reverse: create index "redemption_reward_id" to table: "redemptions"
DROP INDEX `redemption_reward_id`;
-- reverse: create index "redemption_member_id_created_at" to table: "redemptions"
DROP INDEX `redemption_member_id_created_at`;
-- reverse: create "redemptions" table
DROP TABLE `redemptions`;
-- reverse: create index "progress_member_id_mission_id_period" to table: "progresses"
DROP INDEX `progress_member_id_mission_id_period`;
-- reverse: create "progresses" table
DROP TABLE `progresses`;
-- reverse: create index "programmeversion_programme_id_number" to table: "programme_versions"
DROP INDEX `programmeversion_programme_id_number`;
-- reverse: create "programme_versions" table
DROP TABLE `programme_versions`;
-- reverse: create index "programmes_key_key" to table: "programmes"
DROP INDEX `programmes_key_key`;
-- reverse: create "programmes" table
DROP TABLE `programmes`;
-- reverse: create "postings" table
DROP TABLE `postings`;
-- reverse: create index "partner_programme_id_key" to table: "partners"
DROP INDEX `partner_programme_id_key`;
-- reverse: create "partners" table
DROP TABLE `partners`;
-- reverse: create index "note_member_id" to table: "notes"
DROP INDEX `note_member_id`;
-- reverse: create "notes" table
DROP TABLE `notes`;
-- reverse: create index "movement_reverses_id" to table: "movements"
DROP INDEX `movement_reverses_id`;
-- reverse: create index "movement_member_id_number" to table: "movements"
DROP INDEX `movement_member_id_number`;
-- reverse: create index "movement_account_id_number" to table: "movements"
DROP INDEX `movement_account_id_number`;
-- reverse: create "movements" table
DROP TABLE `movements`;
-- reverse: create index "memberevent_member_id_id" to table: "member_events"
DROP INDEX `memberevent_member_id_id`;
-- reverse: create "member_events" table
DROP TABLE `member_events`;
-- reverse: create index "member_due_at" to table: "members"
DROP INDEX `member_due_at`;
-- reverse: create index "member_merged_into" to table: "members"
DROP INDEX `member_merged_into`;
-- reverse: create index "member_account_id" to table: "members"
DROP INDEX `member_account_id`;
-- reverse: create index "member_programme_id_persona_id" to table: "members"
DROP INDEX `member_programme_id_persona_id`;
-- reverse: create index "member_programme_id_tier_id" to table: "members"
DROP INDEX `member_programme_id_tier_id`;
-- reverse: create index "member_programme_id_status_enrolled_at_id" to table: "members"
DROP INDEX `member_programme_id_status_enrolled_at_id`;
-- reverse: create index "member_programme_id_enrolled_at_id" to table: "members"
DROP INDEX `member_programme_id_enrolled_at_id`;
-- reverse: create "members" table
DROP TABLE `members`;
-- reverse: create index "lot_account_id_expires_at_id" to table: "lots"
DROP INDEX `lot_account_id_expires_at_id`;
-- reverse: create "lots" table
DROP TABLE `lots`;
-- reverse: create "liabilities" table
DROP TABLE `liabilities`;
-- reverse: create "leases" table
DROP TABLE `leases`;
-- reverse: create index "interaction_member_id_occurred_at_id" to table: "interactions"
DROP INDEX `interaction_member_id_occurred_at_id`;
-- reverse: create "interactions" table
DROP TABLE `interactions`;
-- reverse: create index "identity_member_id" to table: "identities"
DROP INDEX `identity_member_id`;
-- reverse: create index "identity_programme_id_kind_value" to table: "identities"
DROP INDEX `identity_programme_id_kind_value`;
-- reverse: create "identities" table
DROP TABLE `identities`;
-- reverse: create index "hold_account_id" to table: "holds"
DROP INDEX `hold_account_id`;
-- reverse: create "holds" table
DROP TABLE `holds`;
-- reverse: create index "flow_programme_id_month" to table: "flows"
DROP INDEX `flow_programme_id_month`;
-- reverse: create "flows" table
DROP TABLE `flows`;
-- reverse: create index "erasure_swept_at" to table: "erasures"
DROP INDEX `erasure_swept_at`;
-- reverse: create index "erasure_programme_id_erased_at_id" to table: "erasures"
DROP INDEX `erasure_programme_id_erased_at_id`;
-- reverse: create "erasures" table
DROP TABLE `erasures`;
-- reverse: create index "definition_programme_id_kind_key" to table: "definitions"
DROP INDEX `definition_programme_id_kind_key`;
-- reverse: create "definitions" table
DROP TABLE `definitions`;
-- reverse: create index "contact_member_id_sent_at" to table: "contacts"
DROP INDEX `contact_member_id_sent_at`;
-- reverse: create "contacts" table
DROP TABLE `contacts`;
-- reverse: create index "consent_member_id_decided_at_id" to table: "consents"
DROP INDEX `consent_member_id_decided_at_id`;
-- reverse: create "consents" table
DROP TABLE `consents`;
-- reverse: create index "commands_digest_key" to table: "commands"
DROP INDEX `commands_digest_key`;
-- reverse: create "commands" table
DROP TABLE `commands`;
-- reverse: create index "change_definition_id_created_at_id" to table: "changes"
DROP INDEX `change_definition_id_created_at_id`;
-- reverse: create index "change_programme_id_created_at_id" to table: "changes"
DROP INDEX `change_programme_id_created_at_id`;
-- reverse: create "changes" table
DROP TABLE `changes`;
-- reverse: create index "budget_programme_id" to table: "budgets"
DROP INDEX `budget_programme_id`;
-- reverse: create "budgets" table
DROP TABLE `budgets`;
-- reverse: create index "attributevalue_member_id_name_created_at_id" to table: "attribute_values"
DROP INDEX `attributevalue_member_id_name_created_at_id`;
-- reverse: create "attribute_values" table
DROP TABLE `attribute_values`;
-- reverse: create index "account_next_due_at" to table: "accounts"
DROP INDEX `account_next_due_at`;
-- reverse: create "accounts" table
DROP TABLE `accounts`;
