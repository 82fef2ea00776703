// The front door of @larder/store-simulator: whole deployments in one process, from one seed. Test only.
export type { Violation } from './judge';
export * from './planted';
export { scenarioOf } from './scenario';
export type { Fault, ScenarioOptions } from './scenario';
export { shrink, simulate } from './simulate';
export type { Outcome } from './simulate';
