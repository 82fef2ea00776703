-- A change of topology while the instance runs, a store that is promoted by name, and what a canceled operation puts back. The release before
-- writes rows without it.
ALTER TYPE "operation_kind" ADD VALUE 'PROMOTE';
ALTER TYPE "operation_kind" ADD VALUE 'CHANGE_TOPOLOGY';

ALTER TABLE "operations"
  ADD COLUMN "undo" JSONB;
