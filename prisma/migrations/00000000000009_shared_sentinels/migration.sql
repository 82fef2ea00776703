-- Whose Sentinels watch an instance. The release before writes rows without it.
CREATE TYPE "sentinel_placement" AS ENUM ('DEDICATED', 'ORGANIZATION');

ALTER TABLE "instances"
  ADD COLUMN "sentinels" "sentinel_placement" NOT NULL DEFAULT 'DEDICATED';
