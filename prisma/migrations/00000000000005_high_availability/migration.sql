-- Instances of several stores: how many replicas, the wish to hand over, and how they stand. Columns have defaults or may be empty, so that
-- the release before goes on writing rows without them.
ALTER TYPE "topology" ADD VALUE 'HA';
ALTER TYPE "operation_kind" ADD VALUE 'FAILOVER';
ALTER TYPE "operation_kind" ADD VALUE 'SWITCHOVER';
ALTER TYPE "operation_kind" ADD VALUE 'ADD_REPLICA';
ALTER TYPE "operation_kind" ADD VALUE 'REMOVE_REPLICA';

ALTER TABLE "instances"
  ADD COLUMN "replicas" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "handover" JSONB,
  ADD COLUMN "availability" JSONB;
