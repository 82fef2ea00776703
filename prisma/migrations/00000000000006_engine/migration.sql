-- Whose program an instance runs. The release before writes rows without it.
CREATE TYPE "engine" AS ENUM ('LARDER', 'REDIS', 'VALKEY');

ALTER TABLE "instances"
  ADD COLUMN "engine" "engine" NOT NULL DEFAULT 'LARDER';
