// The front door of @larder/plane-records: PostgreSQL behind the domain's repository interfaces.
export { connectRecords, type ClientOptions, type RecordsClient } from './client';
export { migrate, type MigrateResult } from './migrate';
export { unitOfWorkOn } from './unit-of-work';
