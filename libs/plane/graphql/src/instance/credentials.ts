// The tenant's password as an answer shows it: opened from the row, never kept anywhere else.
import { sealedAs, tenantUsername, type InstanceRow } from '@larder/plane-domain';
import type { PlaneServices } from '../services';
import type { Credentials } from './instance.input';

export function openCredentials(plane: PlaneServices, row: InstanceRow): Credentials {
  const password = Buffer.from(plane.secretBox.open(row.passwordSealed, sealedAs.password(row.id))).toString();
  const uri = row.endpoint === null ? null : `redis://${tenantUsername}:${password}@${row.endpoint.host}:${row.endpoint.port}`;
  return { username: tenantUsername, password, uri };
}
