-- Every committed change of an instance, an operation or a backup is told on the channel larder_changes, so that subscriptions look
-- again, whichever process wrote. A trigger, not the writers: nobody can forget it. PostgreSQL folds equal messages of one
-- transaction into one and sends them at commit.
-- (The body writes its semicolons as \x3B: see the first migration.)
CREATE FUNCTION "tell_change"() RETURNS trigger LANGUAGE plpgsql AS
  E'BEGIN
      PERFORM pg_notify(''larder_changes'', json_build_object(''noun'', TG_ARGV[0], ''id'', NEW.id, ''organizationId'', NEW.organization_id)::text)\x3B
      RETURN NULL\x3B
    END';
CREATE TRIGGER "instances_tell_change" AFTER INSERT OR UPDATE ON "instances" FOR EACH ROW EXECUTE FUNCTION "tell_change"('Instance');
CREATE TRIGGER "operations_tell_change" AFTER INSERT OR UPDATE ON "operations" FOR EACH ROW EXECUTE FUNCTION "tell_change"('Operation');
CREATE TRIGGER "backups_tell_change" AFTER INSERT OR UPDATE ON "backups" FOR EACH ROW EXECUTE FUNCTION "tell_change"('Backup');
