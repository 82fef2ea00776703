/** Users at the start of the server: from `user` lines of the configuration or from the file of `aclfile`, never from both. */
import { loadAclFile } from './acl-file';
import type { StoreServer } from './store-server';

/** `users`: name and rules of each line. Returns why the server must not start; the log has been told. */
export function loadUsers(server: StoreServer, users: readonly (readonly string[])[]): string | undefined {
  const { acl, log } = server;
  const file = server.settings.text('aclfile');
  const refused = decide();
  if (refused !== undefined) log.warning(refused);
  return refused;

  function decide(): string | undefined {
    if (file !== '' && users.length > 0) {
      return 'Configuring Redis with users defined in redis.conf and at the same setting an ACL file path is invalid. This setup is very likely to lead to configuration errors and security holes, please define either an ACL file or declare users directly in your redis.conf, but not both.';
    }
    const wrong = acl.loadConfigured(users);
    if (wrong !== undefined) {
      log.warning(wrong);
      return 'Critical error while loading ACLs. Exiting.';
    }
    for (const [name] of users) {
      if (acl.get(name!)!.enabled) continue;
      log.notice(`The user '${name}' is disabled (there is no 'on' modifier in the user description). Make sure this is not a configuration error.`);
    }
    const errors = file === '' ? undefined : loadAclFile(acl, file);
    return errors === undefined ? undefined : `Aborting Redis startup because of ACL errors: ${errors}`;
  }
}
