export { FakeDeployment, FakeSentinel, FakeServer } from './fake-deployment';
export type { DeploymentOptions, SeenEvent } from './fake-deployment';
export { RecordingHands } from './recording-hands';
