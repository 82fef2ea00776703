export { FakeWorld } from './fake-world';
export { FakeRecords } from './fake-records';
export { TestBed } from './test-bed';
