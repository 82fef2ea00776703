-- Whose log is archived where an instance has several stores. Empty in rows of before, and in those of the release before.
ALTER TABLE "log_archives" ADD COLUMN "awaited_member_id" UUID;

ALTER TABLE "log_stretches"
  ADD COLUMN "member_id" UUID,
  ADD COLUMN "reign" TEXT;
