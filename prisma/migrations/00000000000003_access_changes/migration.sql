-- Whoever remembers who may do what for a moment (libs/plane/records/src/access-memory.ts) is told when that changes: one message a statement,
-- on the channel of the other changes. When somebody was last seen changes nothing about it, so those columns tell nothing.
-- (The body writes its semicolons as \x3B: see the first migration.)
CREATE FUNCTION "tell_access"() RETURNS trigger LANGUAGE plpgsql AS
  E'BEGIN
      PERFORM pg_notify(''larder_changes'', ''{"noun":"Access","id":"","organizationId":""}'')\x3B
      RETURN NULL\x3B
    END';
CREATE TRIGGER "api_tokens_tell_access" AFTER DELETE OR UPDATE OF "revoked_at", "expires_at", "scopes", "name", "token_hash" ON "api_tokens" FOR EACH STATEMENT EXECUTE FUNCTION "tell_access"();
CREATE TRIGGER "sessions_tell_access" AFTER DELETE OR UPDATE OF "expires_at", "token_hash", "user_id" ON "sessions" FOR EACH STATEMENT EXECUTE FUNCTION "tell_access"();
CREATE TRIGGER "users_tell_access" AFTER DELETE OR UPDATE ON "users" FOR EACH STATEMENT EXECUTE FUNCTION "tell_access"();
CREATE TRIGGER "memberships_tell_access" AFTER INSERT OR DELETE OR UPDATE ON "memberships" FOR EACH STATEMENT EXECUTE FUNCTION "tell_access"();
CREATE TRIGGER "organizations_tell_access" AFTER DELETE OR UPDATE ON "organizations" FOR EACH STATEMENT EXECUTE FUNCTION "tell_access"();
CREATE TRIGGER "plans_tell_access" AFTER INSERT OR DELETE OR UPDATE ON "plans" FOR EACH STATEMENT EXECUTE FUNCTION "tell_access"();
