-- The first shape of the control plane's records. Below the line: what the schema language cannot say.

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "role" AS ENUM ('OWNER', 'ADMIN', 'DEVELOPER', 'VIEWER');

-- CreateEnum
CREATE TYPE "topology" AS ENUM ('STANDALONE');

-- CreateEnum
CREATE TYPE "persistence" AS ENUM ('NONE', 'RDB', 'AOF', 'RDB_AOF');

-- CreateEnum
CREATE TYPE "maxmemory_policy" AS ENUM ('NOEVICTION', 'ALLKEYS_LRU');

-- CreateEnum
CREATE TYPE "desired_state" AS ENUM ('RUNNING', 'DELETED');

-- CreateEnum
CREATE TYPE "seed_kind" AS ENUM ('BACKUP', 'UPLOAD');

-- CreateEnum
CREATE TYPE "event_severity" AS ENUM ('NORMAL', 'WARNING');

-- CreateEnum
CREATE TYPE "operation_kind" AS ENUM ('CREATE_INSTANCE', 'UPDATE_INSTANCE', 'RESTART_INSTANCE', 'ROTATE_CREDENTIALS', 'DELETE_INSTANCE', 'CREATE_BACKUP', 'DELETE_BACKUP', 'RESTORE_BACKUP', 'IMPORT_BACKUP');

-- CreateEnum
CREATE TYPE "operation_phase" AS ENUM ('PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED');

-- CreateEnum
CREATE TYPE "missed_policy" AS ENUM ('SKIP', 'ONCE', 'ALL');

-- CreateEnum
CREATE TYPE "backup_trigger" AS ENUM ('MANUAL', 'SCHEDULE', 'FINAL');

-- CreateEnum
CREATE TYPE "backup_state" AS ENUM ('PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'MISSED', 'DELETING', 'DELETED');

-- CreateEnum
CREATE TYPE "verification" AS ENUM ('PENDING', 'RUNNING', 'VERIFIED', 'FAILED');

-- CreateEnum
CREATE TYPE "upload_state" AS ENUM ('RECEIVING', 'READY', 'REFUSED', 'CONSUMED', 'DELETED');

-- CreateTable
CREATE TABLE "users" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "is_platform_admin" BOOLEAN NOT NULL DEFAULT false,
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "token_hash" TEXT NOT NULL,
    "user_agent" TEXT,
    "ip" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "organizations" (
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "deleted_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "organizations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "memberships" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "role" "role" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "memberships_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "invitations" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "role" "role" NOT NULL,
    "token_hash" TEXT NOT NULL,
    "invited_by_id" UUID,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "accepted_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "invitations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_tokens" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "scopes" TEXT[],
    "created_by_id" UUID,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "api_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rate_buckets" (
    "key" TEXT NOT NULL,
    "level" DOUBLE PRECISION NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "rate_buckets_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "plans" (
    "id" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "memory_bytes" BIGINT NOT NULL,
    "threads" INTEGER NOT NULL,
    "max_clients" INTEGER NOT NULL,
    "backups_max" INTEGER NOT NULL,
    "is_offered" BOOLEAN NOT NULL DEFAULT true,
    "ordinal" INTEGER NOT NULL,

    CONSTRAINT "plans_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "quotas" (
    "organization_id" UUID NOT NULL,
    "instances_max" INTEGER NOT NULL,
    "memory_bytes_max" BIGINT NOT NULL,
    "backups_max" INTEGER NOT NULL,
    "backup_bytes_max" BIGINT NOT NULL,
    "api_tokens_max" INTEGER NOT NULL,
    "members_max" INTEGER NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "quotas_pkey" PRIMARY KEY ("organization_id")
);

-- CreateTable
CREATE TABLE "instances" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "plan_id" TEXT NOT NULL,
    "topology" "topology" NOT NULL DEFAULT 'STANDALONE',
    "persistence" "persistence" NOT NULL,
    "maxmemory_policy" "maxmemory_policy" NOT NULL,
    "settings" JSONB NOT NULL,
    "deletion_protection" BOOLEAN NOT NULL DEFAULT true,
    "desired_state" "desired_state" NOT NULL DEFAULT 'RUNNING',
    "final_backup" BOOLEAN NOT NULL DEFAULT false,
    "restart_nonce" INTEGER NOT NULL DEFAULT 0,
    "seed_kind" "seed_kind",
    "seed_backup_id" UUID,
    "seed_upload_id" UUID,
    "seeded_at" TIMESTAMPTZ(3),
    "generation" INTEGER NOT NULL DEFAULT 1,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "password_sealed" TEXT NOT NULL,
    "previous_password_sealed" TEXT,
    "previous_password_until" TIMESTAMPTZ(3),
    "credential_version" INTEGER NOT NULL DEFAULT 1,
    "system_password_sealed" TEXT NOT NULL,
    "port" INTEGER,
    "host" TEXT,
    "observed_generation" INTEGER NOT NULL DEFAULT 0,
    "conditions" JSONB NOT NULL DEFAULT '[]',
    "status_fence" BIGINT NOT NULL DEFAULT 0,
    "status_at" TIMESTAMPTZ(3),
    "due_at" TIMESTAMPTZ(3),
    "failures" INTEGER NOT NULL DEFAULT 0,
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "instances_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "instance_members" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "instance_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "port" INTEGER NOT NULL,
    "directory" TEXT NOT NULL,
    "pid" INTEGER,
    "pid_start_ticks" BIGINT,
    "boot_id" TEXT,
    "run_id" TEXT,
    "started_at" TIMESTAMPTZ(3),
    "exited_at" TIMESTAMPTZ(3),
    "exit_reason" TEXT,
    "restart_nonce" INTEGER NOT NULL DEFAULT 0,
    "credential_version" INTEGER NOT NULL DEFAULT 0,
    "crashes" INTEGER NOT NULL DEFAULT 0,
    "not_before" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "instance_members_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "instance_events" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "instance_id" UUID NOT NULL,
    "severity" "event_severity" NOT NULL,
    "reason" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "count" INTEGER NOT NULL DEFAULT 1,
    "first_at" TIMESTAMPTZ(3) NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "instance_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "metric_samples" (
    "instance_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "organization_id" UUID NOT NULL,
    "ops_per_second" DOUBLE PRECISION NOT NULL,
    "used_memory_bytes" BIGINT NOT NULL,
    "rss_bytes" BIGINT NOT NULL,
    "clients" INTEGER NOT NULL,
    "keys" BIGINT NOT NULL,
    "hits" BIGINT NOT NULL,
    "misses" BIGINT NOT NULL,
    "evicted_keys" BIGINT NOT NULL,
    "expired_keys" BIGINT NOT NULL,
    "in_bytes_per_second" DOUBLE PRECISION NOT NULL,
    "out_bytes_per_second" DOUBLE PRECISION NOT NULL,
    "cpu_ratio" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "metric_samples_pkey" PRIMARY KEY ("instance_id","at")
);

-- CreateTable
CREATE TABLE "operations" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "instance_id" UUID,
    "backup_id" UUID,
    "kind" "operation_kind" NOT NULL,
    "phase" "operation_phase" NOT NULL DEFAULT 'PENDING',
    "steps" JSONB NOT NULL DEFAULT '[]',
    "percent" INTEGER NOT NULL DEFAULT 0,
    "generation" INTEGER,
    "is_cancelable" BOOLEAN NOT NULL DEFAULT false,
    "cancel_requested_at" TIMESTAMPTZ(3),
    "error_reason" TEXT,
    "error_message" TEXT,
    "actor" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "operations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "organization_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "mutation" TEXT NOT NULL,
    "body_hash" TEXT NOT NULL,
    "result" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("organization_id","key")
);

-- CreateTable
CREATE TABLE "audit_entries" (
    "id" UUID NOT NULL,
    "chain" TEXT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "organization_id" UUID,
    "actor" TEXT NOT NULL,
    "actor_name" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "target" TEXT,
    "target_name" TEXT,
    "detail" JSONB NOT NULL,
    "outcome" TEXT NOT NULL,
    "ip" TEXT,
    "request_id" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "prev_hash" TEXT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "audit_entries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "leases" (
    "name" TEXT NOT NULL,
    "holder" TEXT NOT NULL,
    "fence_token" BIGINT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "leases_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "platform_facts" (
    "key" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "platform_facts_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "backup_schedules" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "instance_id" UUID NOT NULL,
    "cron" TEXT NOT NULL,
    "time_zone" TEXT NOT NULL,
    "is_enabled" BOOLEAN NOT NULL DEFAULT true,
    "missed_policy" "missed_policy" NOT NULL DEFAULT 'ONCE',
    "retention_count" INTEGER,
    "retention_days" INTEGER,
    "next_at" TIMESTAMPTZ(3),
    "last_at" TIMESTAMPTZ(3),
    "revision" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "backup_schedules_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "backups" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "instance_id" UUID NOT NULL,
    "instance_name" TEXT NOT NULL,
    "schedule_id" UUID,
    "operation_id" UUID,
    "trigger" "backup_trigger" NOT NULL,
    "state" "backup_state" NOT NULL DEFAULT 'PENDING',
    "scheduled_at" TIMESTAMPTZ(3),
    "started_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "duration_ms" INTEGER,
    "size_bytes" BIGINT,
    "raw_size_bytes" BIGINT,
    "key_count" BIGINT,
    "key_counts" JSONB,
    "checksum" TEXT,
    "raw_checksum" TEXT,
    "storage_key" TEXT,
    "data_key_sealed" TEXT,
    "engine_version" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "error_reason" TEXT,
    "error_message" TEXT,
    "verification" "verification" NOT NULL DEFAULT 'PENDING',
    "verification_message" TEXT,
    "verified_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),
    "deleted_at" TIMESTAMPTZ(3),
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "backups_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "uploads" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "file_name" TEXT NOT NULL,
    "state" "upload_state" NOT NULL DEFAULT 'RECEIVING',
    "size_bytes" BIGINT,
    "key_counts" JSONB,
    "checksum" TEXT,
    "storage_key" TEXT,
    "data_key_sealed" TEXT,
    "error_message" TEXT,
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "uploads_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

-- CreateIndex
CREATE UNIQUE INDEX "sessions_token_hash_key" ON "sessions"("token_hash");

-- CreateIndex
CREATE INDEX "sessions_user_id_idx" ON "sessions"("user_id");

-- CreateIndex
CREATE INDEX "sessions_expires_at_idx" ON "sessions"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "organizations_slug_key" ON "organizations"("slug");

-- CreateIndex
CREATE INDEX "memberships_user_id_idx" ON "memberships"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "memberships_organization_id_user_id_key" ON "memberships"("organization_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "invitations_token_hash_key" ON "invitations"("token_hash");

-- CreateIndex
CREATE INDEX "invitations_organization_id_id_idx" ON "invitations"("organization_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "api_tokens_token_hash_key" ON "api_tokens"("token_hash");

-- CreateIndex
CREATE INDEX "api_tokens_organization_id_id_idx" ON "api_tokens"("organization_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "instances_port_key" ON "instances"("port");

-- CreateIndex
CREATE INDEX "instances_organization_id_id_idx" ON "instances"("organization_id", "id");

-- CreateIndex
CREATE INDEX "instances_due_at_idx" ON "instances"("due_at");

-- CreateIndex
CREATE UNIQUE INDEX "instance_members_port_key" ON "instance_members"("port");

-- CreateIndex
CREATE UNIQUE INDEX "instance_members_instance_id_name_key" ON "instance_members"("instance_id", "name");

-- CreateIndex
CREATE INDEX "instance_events_instance_id_id_idx" ON "instance_events"("instance_id", "id");

-- CreateIndex
CREATE INDEX "instance_events_last_at_idx" ON "instance_events"("last_at");

-- CreateIndex
CREATE INDEX "metric_samples_at_idx" ON "metric_samples"("at");

-- CreateIndex
CREATE INDEX "operations_organization_id_id_idx" ON "operations"("organization_id", "id");

-- CreateIndex
CREATE INDEX "operations_instance_id_id_idx" ON "operations"("instance_id", "id");

-- CreateIndex
CREATE INDEX "operations_phase_idx" ON "operations"("phase");

-- CreateIndex
CREATE INDEX "idempotency_keys_expires_at_idx" ON "idempotency_keys"("expires_at");

-- CreateIndex
CREATE INDEX "audit_entries_organization_id_id_idx" ON "audit_entries"("organization_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "audit_entries_chain_sequence_key" ON "audit_entries"("chain", "sequence");

-- CreateIndex
CREATE INDEX "backup_schedules_instance_id_idx" ON "backup_schedules"("instance_id");

-- CreateIndex
CREATE INDEX "backup_schedules_is_enabled_next_at_idx" ON "backup_schedules"("is_enabled", "next_at");

-- CreateIndex
CREATE INDEX "backups_organization_id_id_idx" ON "backups"("organization_id", "id");

-- CreateIndex
CREATE INDEX "backups_instance_id_id_idx" ON "backups"("instance_id", "id");

-- CreateIndex
CREATE INDEX "backups_state_idx" ON "backups"("state");

-- CreateIndex
CREATE INDEX "backups_verification_idx" ON "backups"("verification");

-- CreateIndex
CREATE UNIQUE INDEX "backups_instance_id_scheduled_at_key" ON "backups"("instance_id", "scheduled_at");

-- CreateIndex
CREATE INDEX "uploads_organization_id_id_idx" ON "uploads"("organization_id", "id");

-- CreateIndex
CREATE INDEX "uploads_expires_at_idx" ON "uploads"("expires_at");

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_tokens" ADD CONSTRAINT "api_tokens_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "quotas" ADD CONSTRAINT "quotas_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "instances" ADD CONSTRAINT "instances_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "instances" ADD CONSTRAINT "instances_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "instance_members" ADD CONSTRAINT "instance_members_instance_id_fkey" FOREIGN KEY ("instance_id") REFERENCES "instances"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "instance_events" ADD CONSTRAINT "instance_events_instance_id_fkey" FOREIGN KEY ("instance_id") REFERENCES "instances"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "metric_samples" ADD CONSTRAINT "metric_samples_instance_id_fkey" FOREIGN KEY ("instance_id") REFERENCES "instances"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "operations" ADD CONSTRAINT "operations_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "operations" ADD CONSTRAINT "operations_instance_id_fkey" FOREIGN KEY ("instance_id") REFERENCES "instances"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backup_schedules" ADD CONSTRAINT "backup_schedules_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backup_schedules" ADD CONSTRAINT "backup_schedules_instance_id_fkey" FOREIGN KEY ("instance_id") REFERENCES "instances"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backups" ADD CONSTRAINT "backups_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
-- A name is free again once its instance is gone.
CREATE UNIQUE INDEX "instances_organization_id_name_live_key" ON "instances"("organization_id", "name") WHERE "deleted_at" IS NULL;

-- The sweep's short lists.
CREATE INDEX "operations_open_idx" ON "operations"("updated_at") WHERE "phase" IN ('PENDING', 'RUNNING');
CREATE INDEX "backups_open_idx" ON "backups"("created_at") WHERE "state" IN ('PENDING', 'RUNNING', 'DELETING');

-- The audit log is append-only, also for our own mistakes.
-- (The engine that applies migrations at start cuts the file at every semicolon, quoted or not: the body writes its own as \x3B.)
CREATE FUNCTION "audit_entries_are_append_only"() RETURNS trigger LANGUAGE plpgsql AS
  E'BEGIN RAISE EXCEPTION ''audit entries are append-only''\x3B END';
CREATE TRIGGER "audit_entries_append_only" BEFORE UPDATE OR DELETE ON "audit_entries"
  FOR EACH ROW EXECUTE FUNCTION "audit_entries_are_append_only"();
