// The front door of @larder/plane-records: PostgreSQL behind the domain's repository interfaces, and secrets at rest.
export { accessMemoryOn, type AccessMemory } from './access-memory';
export { canonicalJson, platformChain } from './audit-log';
export { openChangeFeed, type PostgresChangeFeed } from './change-feed';
export { connectRecords, type ClientOptions, type RecordsClient } from './client';
export { migrate, type MigrateResult } from './migrate';
export { ensureMasterKey, masterKeyId, secretBoxOf } from './secret-box';
export { unitOfWorkOn } from './unit-of-work';
