// The front door of @larder/plane-reconcile: the loop that carries out wishes, and the queue that wakes it.
export { ReconcileLoop, type LoopOptions } from './loop';
export { runPass, type PassResult } from './pass';
export type { FinalBackup, ReconcilePorts, ReconcileSettings } from './pass-context';
export { runningSteps, deletedSteps, type ReconcileStep } from './steps';
export { decideDirectives, decideLiveSettings, tenantRules } from './decide-directives';
export { Sampler, type InstanceGauges, type SamplerOptions } from './sampler';
export { BullWakeQueue, type WakeQueueOptions } from './queue/wake-queue';
export { WakeWorker, type WakeWorkerOptions } from './queue/wake-worker';
export { queueConnection } from './queue/connection';
export { queueNames, queuePrefix, type QueueName, type WakeJob } from './queue/queue-names';
