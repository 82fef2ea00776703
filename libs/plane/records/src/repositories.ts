// All repositories on one Db: the list that the domain's `Repositories` names.
import type { Repositories } from '@larder/plane-domain';
import type { Db } from './client';
import { usersOn } from './users';

export function repositoriesOn(db: Db): Repositories {
  return {
    users: usersOn(db),
  } as Repositories;
}
