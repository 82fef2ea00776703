// Fakes of the ports in this lib.
export { SteppedClock } from './stepped-clock';
export { seededRandom } from './seeded-random';
