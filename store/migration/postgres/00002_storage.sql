-- Rows of these tables are updated again and again. Room on their page keeps an update from touching the indexes.

-- +goose Up
ALTER TABLE "accounts" SET (fillfactor = 70);
ALTER TABLE "working_states" SET (fillfactor = 70);

-- +goose Down
ALTER TABLE "accounts" RESET (fillfactor);
ALTER TABLE "working_states" RESET (fillfactor);
