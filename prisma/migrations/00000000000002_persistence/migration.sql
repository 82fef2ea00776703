-- The knobs of persistence, what a member was last brought to, and what the sampler saw. Every column has a default or may be empty, so
-- that the release before goes on writing rows without them.
CREATE TYPE "append_fsync" AS ENUM ('ALWAYS', 'EVERYSEC', 'NO');

ALTER TABLE "plans" ADD COLUMN "default_persistence" "persistence" NOT NULL DEFAULT 'RDB';

ALTER TABLE "instances"
  ADD COLUMN "append_fsync" "append_fsync" NOT NULL DEFAULT 'EVERYSEC',
  ADD COLUMN "save_points" JSONB NOT NULL DEFAULT '[{"seconds": 300, "changes": 1}, {"seconds": 60, "changes": 100}]';

ALTER TABLE "instance_members"
  ADD COLUMN "threads" INTEGER,
  ADD COLUMN "persistence" "persistence",
  ADD COLUMN "persistence_at" TIMESTAMPTZ(3),
  ADD COLUMN "persistence_seen" JSONB;
