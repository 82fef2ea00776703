-- Restoring to a second: the archive of append-only files, its policy as part of the wish, and wishes to go back in place. Columns have
-- defaults or may be empty, so that the release before goes on writing rows without them.
ALTER TYPE "seed_kind" ADD VALUE 'POINT';
ALTER TYPE "operation_kind" ADD VALUE 'RESTORE_TO_TIME';
ALTER TYPE "operation_kind" ADD VALUE 'RESTORE_IN_PLACE';
ALTER TYPE "backup_trigger" ADD VALUE 'SAFETY';

ALTER TABLE "instances"
  ADD COLUMN "archive" JSONB,
  ADD COLUMN "rewind" JSONB,
  ADD COLUMN "seed_instance_id" UUID,
  ADD COLUMN "seed_second" BIGINT;

ALTER TABLE "instance_members" ADD COLUMN "rewind_id" UUID;

CREATE TYPE "piece_kind" AS ENUM ('BASE', 'LOG');
CREATE TYPE "piece_state" AS ENUM ('WRITING', 'STORED', 'LOST');

CREATE TABLE "log_archives" (
  "instance_id" UUID NOT NULL,
  "organization_id" UUID NOT NULL,
  "due_at" TIMESTAMPTZ(3) NOT NULL,
  "awaited_base" INTEGER,
  "failures" INTEGER NOT NULL DEFAULT 0,
  "fault_reason" TEXT,
  "fault_message" TEXT,
  "fault_at" TIMESTAMPTZ(3),
  "updated_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "log_archives_pkey" PRIMARY KEY ("instance_id")
);
CREATE INDEX "log_archives_due_at_idx" ON "log_archives"("due_at");

CREATE TABLE "log_stretches" (
  "id" UUID NOT NULL,
  "organization_id" UUID NOT NULL,
  "instance_id" UUID NOT NULL,
  "increment" INTEGER NOT NULL,
  "offset" BIGINT NOT NULL,
  "ordinal" INTEGER NOT NULL,
  "last_piece_id" UUID,
  "tail_checksum" TEXT,
  "tail_bytes" INTEGER NOT NULL DEFAULT 0,
  "last_second" BIGINT,
  "covered_second" BIGINT,
  "started_at" TIMESTAMPTZ(3) NOT NULL,
  "ended_at" TIMESTAMPTZ(3),
  "end_reason" TEXT,
  "end_message" TEXT,
  CONSTRAINT "log_stretches_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "log_stretches_instance_id_id_idx" ON "log_stretches"("instance_id", "id");
-- One at a time is being continued: two archivers that begin one at once cannot both succeed.
CREATE UNIQUE INDEX "log_stretches_open" ON "log_stretches"("instance_id") WHERE "ended_at" IS NULL;

CREATE TABLE "log_pieces" (
  "id" UUID NOT NULL,
  "organization_id" UUID NOT NULL,
  "instance_id" UUID NOT NULL,
  "stretch_id" UUID NOT NULL,
  "kind" "piece_kind" NOT NULL,
  "state" "piece_state" NOT NULL DEFAULT 'WRITING',
  "ordinal" INTEGER NOT NULL,
  "sequence" INTEGER NOT NULL,
  "from_byte" BIGINT NOT NULL,
  "to_byte" BIGINT NOT NULL,
  "first_second" BIGINT,
  "last_second" BIGINT,
  "previous_id" UUID,
  "size_bytes" BIGINT,
  "checksum" TEXT,
  "raw_checksum" TEXT,
  "key_counts" JSONB,
  "storage_key" TEXT NOT NULL,
  "data_key_sealed" TEXT NOT NULL,
  "verification" "verification" NOT NULL DEFAULT 'PENDING',
  "verification_message" TEXT,
  "created_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "log_pieces_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "log_pieces_stretch_id_fkey" FOREIGN KEY ("stretch_id") REFERENCES "log_stretches"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX "log_pieces_stretch_id_ordinal_idx" ON "log_pieces"("stretch_id", "ordinal");
CREATE INDEX "log_pieces_instance_id_idx" ON "log_pieces"("instance_id");
CREATE INDEX "log_pieces_organization_id_idx" ON "log_pieces"("organization_id");
-- A place in the log is stored once, whoever ships it.
CREATE UNIQUE INDEX "log_pieces_place" ON "log_pieces"("stretch_id", "kind", "ordinal") WHERE "state" <> 'WRITING' AND "kind" = 'LOG';
CREATE UNIQUE INDEX "log_pieces_base" ON "log_pieces"("stretch_id", "sequence") WHERE "state" <> 'WRITING' AND "kind" = 'BASE';
