/**
 * BullMQ on the target as a queue's user sees it: everything a worker, a flow, a scheduler or a rate limit promises.
 * Each test has a queue of its own name; waiting is for events and conditions, never for a span of time.
 */
import { startStore, waitFor } from '@larder/shared-testing';
import type { Store } from '@larder/shared-testing';
import { FlowProducer, Queue, QueueEvents, UnrecoverableError, Worker } from 'bullmq';
import type { Job, Processor, QueueOptions, WorkerOptions } from 'bullmq';
import { targetKind } from '../target.ts';

interface Closable {
  close(): Promise<unknown>;
}

describe(`BullMQ on ${targetKind}`, () => {
  let store: Store;
  const opened: Closable[] = [];
  let count = 0;

  beforeAll(async () => {
    store = await startStore({ kind: targetKind });
  });
  afterEach(async () => {
    // Workers first: a queue that is closed under a worker makes it complain.
    for (const each of opened.splice(0).reverse()) await each.close();
  });
  afterAll(() => store.stop());

  const connection = (): { host: string; port: number; maxRetriesPerRequest: null } => ({ host: '127.0.0.1', port: store.port, maxRetriesPerRequest: null });
  const keep = <T extends Closable>(one: T): T => {
    opened.push(one);
    return one;
  };
  const newName = (): string => `queue-${++count}`;
  const newQueue = (name = newName(), options: Partial<QueueOptions> = {}): Queue => keep(new Queue(name, { connection: connection(), ...options }));
  const newWorker = (queue: Queue | string, processor: Processor, options: Partial<WorkerOptions> = {}): Worker => {
    const worker = new Worker(typeof queue === 'string' ? queue : queue.name, processor, { connection: connection(), ...options });
    worker.on('error', (error) => {
      throw error;
    });
    return keep(worker);
  };
  /** From the queue's first event on: "ready" does not yet mean that it is listening. */
  const newEvents = async (queue: Queue): Promise<QueueEvents> => {
    const events = keep(new QueueEvents(queue.name, { connection: connection(), lastEventId: '0-0' }));
    await events.waitUntilReady();
    return events;
  };

  it('runs jobs in order and keeps what they return', async () => {
    const queue = newQueue();
    const seen: number[] = [];
    const events = await newEvents(queue);
    newWorker(queue, async (job) => {
      seen.push(job.data.number);
      return { doubled: job.data.number * 2 };
    });
    const jobs = await queue.addBulk([1, 2, 3, 4, 5].map((number) => ({ name: 'double', data: { number } })));
    const results = await Promise.all(jobs.map((job) => job.waitUntilFinished(events, 10_000)));
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    expect(results).toEqual([2, 4, 6, 8, 10].map((doubled) => ({ doubled })));
    expect(await queue.getJobCounts('waiting', 'active', 'completed', 'failed', 'delayed')).toEqual({ waiting: 0, active: 0, completed: 5, failed: 0, delayed: 0 });
    const first = await queue.getJob(jobs[0]!.id!);
    expect(first?.returnvalue).toEqual({ doubled: 2 });
    expect(await first?.getState()).toBe('completed');
  });

  it('shares a thousand jobs among workers, each job once', async () => {
    const queue = newQueue();
    const ran = new Map<string, number>();
    const process: Processor = async (job) => {
      ran.set(job.id!, (ran.get(job.id!) ?? 0) + 1);
    };
    await queue.addBulk(Array.from({ length: 1_000 }, (_, number) => ({ name: 'work', data: { number } })));
    newWorker(queue, process, { concurrency: 20 });
    newWorker(queue, process, { concurrency: 20 });
    await waitFor('a thousand completed jobs', async () => (await queue.getCompletedCount()) === 1_000, 20_000);
    expect(ran.size).toBe(1_000);
    expect([...ran.values()].every((times) => times === 1)).toBe(true);
  });

  it('holds delayed jobs until their time, the earliest first', async () => {
    const queue = newQueue();
    const seen: { name: string; lateMs: number }[] = [];
    await queue.add('later', {}, { delay: 600 });
    await queue.add('sooner', {}, { delay: 200 });
    await queue.add('now', {});
    expect(await queue.getJobCounts('waiting', 'delayed')).toEqual({ waiting: 1, delayed: 2 });
    newWorker(queue, async (job) => {
      seen.push({ name: job.name, lateMs: Date.now() - (job.timestamp + (job.opts.delay ?? 0)) });
    });
    await waitFor('all three', () => seen.length === 3);
    expect(seen.map((each) => each.name)).toEqual(['now', 'sooner', 'later']);
    expect(seen.every((each) => each.lateMs >= -1)).toBe(true);
  });

  it('promotes a delayed job and changes a delay', async () => {
    const queue = newQueue();
    const job = await queue.add('far', {}, { delay: 3_600_000 });
    await job.changeDelay(7_200_000);
    expect((await queue.getDelayed()).map((each) => each.delay)).toEqual([7_200_000]);
    await job.promote();
    expect(await queue.getJobCounts('waiting', 'delayed')).toEqual({ waiting: 1, delayed: 0 });
  });

  it('runs the more urgent first, and equal ones in their order', async () => {
    const queue = newQueue();
    for (const [name, priority] of [['c', 10], ['a', 1], ['b1', 5], ['b2', 5], ['none', 0]] as const) await queue.add(name, {}, { priority });
    expect(await queue.getCountsPerPriority([0, 1, 5, 10])).toEqual({ 0: 1, 1: 1, 5: 2, 10: 1 });
    const seen: string[] = [];
    newWorker(queue, async (job) => {
      seen.push(job.name);
    });
    await waitFor('all five', () => seen.length === 5);
    expect(seen).toEqual(['none', 'a', 'b1', 'b2', 'c']);
  });

  it('moves a job within its priorities', async () => {
    const queue = newQueue();
    await queue.add('a', {}, { priority: 2 });
    const late = await queue.add('b', {}, { priority: 9 });
    await late.changePriority({ priority: 1 });
    expect((await queue.getPrioritized()).map((job) => job.name)).toEqual(['b', 'a']);
  });

  it('takes the newest first where asked (lifo)', async () => {
    const queue = newQueue();
    for (const name of ['first', 'second', 'third']) await queue.add(name, {}, { lifo: true });
    const seen: string[] = [];
    newWorker(queue, async (job) => {
      seen.push(job.name);
    });
    await waitFor('all three', () => seen.length === 3);
    expect(seen).toEqual(['third', 'second', 'first']);
  });

  it('runs children before their parent and hands their values over (flows)', async () => {
    const [parents, children] = [newQueue(), newQueue()];
    const flow = keep(new FlowProducer({ connection: connection() }));
    newWorker(children, async (job) => job.data.number * 10);
    let values: unknown;
    newWorker(parents, async (job) => {
      values = Object.values(await job.getChildrenValues()).sort();
      return 'parent done';
    });
    const tree = await flow.add({
      name: 'sum', queueName: parents.name,
      children: [1, 2, 3].map((number) => ({ name: 'part', queueName: children.name, data: { number } })),
    });
    await waitFor('the parent to finish', async () => (await tree.job.getState()) === 'completed');
    expect(values).toEqual([10, 20, 30]);
    expect(await tree.job.getDependenciesCount()).toMatchObject({ processed: 3, unprocessed: 0 });
  });

  it('fails the parent of a failed child where asked', async () => {
    const [parents, children] = [newQueue(), newQueue()];
    const flow = keep(new FlowProducer({ connection: connection() }));
    newWorker(children, async () => {
      throw new Error('child trouble');
    });
    newWorker(parents, async () => undefined);
    const tree = await flow.add({
      name: 'parent', queueName: parents.name,
      children: [{ name: 'child', queueName: children.name, data: {}, opts: { failParentOnFailure: true } }],
    });
    await waitFor('the parent to fail', async () => (await tree.job.getState()) === 'failed');
  });

  it('repeats by a job scheduler, and stops when it is removed', async () => {
    const queue = newQueue();
    let runs = 0;
    newWorker(queue, async () => {
      runs++;
    });
    await queue.upsertJobScheduler('tick', { every: 100 }, { name: 'tick', data: { from: 'scheduler' } });
    await waitFor('four runs', () => runs >= 4);
    expect(await queue.getJobSchedulersCount()).toBe(1);
    expect(await queue.getJobScheduler('tick')).toMatchObject({ key: 'tick', name: 'tick', every: 100 });
    expect(await queue.removeJobScheduler('tick')).toBe(true);
    expect(await queue.getJobSchedulersCount()).toBe(0);
    await waitFor('no job left', async () => (await queue.getJobCountByTypes('delayed', 'waiting', 'active')) === 0);
  });

  it('plans the next run of a cron pattern in its time zone', async () => {
    const queue = newQueue();
    await queue.upsertJobScheduler('nightly', { pattern: '0 30 3 * * *', tz: 'Europe/Berlin' }, { name: 'backup' });
    const { next: nextMs } = (await queue.getJobScheduler('nightly'))!;
    const next = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', hour: '2-digit', minute: '2-digit' }).format(new Date(nextMs!));
    expect(next).toBe('03:30');
    await queue.upsertJobScheduler('nightly', { pattern: '0 0 4 * * *', tz: 'Europe/Berlin' }, { name: 'backup' });
    expect(await queue.getJobSchedulers()).toHaveLength(1);
    expect(await queue.getDelayedCount()).toBe(1);
  });

  it('keeps to a rate limit', async () => {
    const queue = newQueue();
    await queue.addBulk(Array.from({ length: 9 }, (_, number) => ({ name: 'limited', data: { number } })));
    const times: number[] = [];
    newWorker(queue, async () => {
      times.push(Date.now());
    }, { limiter: { max: 3, duration: 300 }, concurrency: 9 });
    await waitFor('nine runs', () => times.length === 9);
    // Nine jobs at three per window need at least two whole windows to pass.
    expect(times.at(-1)! - times[0]!).toBeGreaterThanOrEqual(550);
  });

  it('retries with back-off, then fails for good and tells why', async () => {
    const queue = newQueue();
    const attempts: number[] = [];
    newWorker(queue, async (job) => {
      attempts.push(job.attemptsMade);
      throw new Error(`attempt ${job.attemptsMade} went wrong`);
    });
    const job = await queue.add('stubborn', {}, { attempts: 3, backoff: { type: 'exponential', delay: 30 } });
    await waitFor('the job to fail', async () => (await job.getState()) === 'failed');
    expect(attempts).toEqual([0, 1, 2]);
    const failed = await queue.getJob(job.id!);
    expect(failed?.failedReason).toBe('attempt 2 went wrong');
    expect(failed?.stacktrace).toHaveLength(3);
  });

  it('does not retry what cannot recover, and retries a failed job by hand', async () => {
    const queue = newQueue();
    let isBroken = true;
    newWorker(queue, async () => {
      if (isBroken) throw new UnrecoverableError('no use');
      return 'fine now';
    });
    const job = await queue.add('once', {}, { attempts: 5 });
    await waitFor('it to fail', async () => (await job.getState()) === 'failed');
    isBroken = false;
    await (await queue.getJob(job.id!))!.retry();
    await waitFor('it to complete', async () => (await job.getState()) === 'completed');
  });

  it('tells queue events in their order', async () => {
    const queue = newQueue();
    const events = await newEvents(queue);
    const told: string[] = [];
    for (const name of ['added', 'waiting', 'active', 'progress', 'completed', 'drained'] as const) events.on(name, () => void told.push(name));
    newWorker(queue, async (job) => {
      await job.updateProgress(50);
      await job.log('half way');
    });
    const job = await queue.add('talkative', {});
    await waitFor('the last event', () => told.includes('drained') && told.includes('completed'));
    expect(told.filter((name) => name !== 'drained')).toEqual(['added', 'waiting', 'active', 'progress', 'completed']);
    expect(await queue.getJobLogs(job.id!)).toEqual({ count: 1, logs: ['half way'] });
  });

  it('does nothing while it is paused, and goes on when resumed', async () => {
    const queue = newQueue();
    let runs = 0;
    const worker = newWorker(queue, async () => {
      runs++;
    });
    await worker.waitUntilReady();
    await queue.pause();
    expect(await queue.isPaused()).toBe(true);
    await queue.addBulk([{ name: 'a', data: {} }, { name: 'b', data: {} }]);
    expect(runs).toBe(0);
    expect(await queue.getJobCounts('waiting', 'active', 'completed')).toMatchObject({ active: 0, completed: 0 });
    await queue.resume();
    await waitFor('both to run', () => runs === 2);
  });

  it('takes a stalled job away from a worker that died and runs it again', async () => {
    const queue = newQueue();
    const dead = new Worker(queue.name, null, { connection: connection(), lockDuration: 300 });
    opened.push(dead);
    const job = await queue.add('abandoned', {});
    const taken = (await dead.getNextJob('token-of-the-dead')) as Job;
    expect(taken.id).toBe(job.id);
    let stalled = 0;
    const worker = newWorker(queue, async () => 'second life', { stalledInterval: 200, lockDuration: 1_000 });
    worker.on('stalled', () => void stalled++);
    await waitFor('the job to be rescued', async () => (await job.getState()) === 'completed', 15_000);
    expect(stalled).toBe(1);
  }, 30_000);

  it('drops duplicates, keeps only so many finished jobs, drains, cleans and obliterates', async () => {
    const queue = newQueue();
    const [first, second] = [await queue.add('once', {}, { jobId: 'the-one' }), await queue.add('once', {}, { jobId: 'the-one' })];
    expect(first.id).toBe(second.id);
    await queue.add('dedup', {}, { deduplication: { id: 'same' } });
    await queue.add('dedup', {}, { deduplication: { id: 'same' } });
    expect(await queue.getWaitingCount()).toBe(2);
    await queue.drain(true);
    expect(await queue.getWaitingCount()).toBe(0);

    let finished = 0;
    const worker = newWorker(queue, async () => {
      finished++;
    }, { removeOnComplete: { count: 3 } });
    await queue.addBulk(Array.from({ length: 10 }, (_, number) => ({ name: 'many', data: { number } })));
    await waitFor('ten to run and three to be kept', async () => finished >= 10 && (await queue.getCompletedCount()) === 3);
    expect(await queue.clean(0, 2, 'completed')).toHaveLength(2);
    await worker.close();
    await queue.add('left over', {});
    await queue.obliterate({ force: true });
    const client = await store.connect();
    expect(await client.ask('KEYS', `bull:${queue.name}:*`)).toEqual([]);
    client.close();
  });

  it('limits how many run at once in the whole queue', async () => {
    const queue = newQueue();
    await queue.setGlobalConcurrency(2);
    let now = 0;
    let most = 0;
    let done = 0;
    const processor: Processor = async () => {
      most = Math.max(most, ++now);
      await new Promise((next) => setTimeout(next, 20));
      now--;
      done++;
    };
    newWorker(queue, processor, { concurrency: 5 });
    newWorker(queue, processor, { concurrency: 5 });
    await queue.addBulk(Array.from({ length: 12 }, (_, number) => ({ name: 'narrow', data: { number } })));
    await waitFor('all twelve', () => done === 12);
    expect(most).toBe(2);
  });

  it('lists jobs by state and page, updates data, and counts in metrics', async () => {
    const queue = newQueue();
    const jobs = await queue.addBulk(Array.from({ length: 25 }, (_, number) => ({ name: `job-${number}`, data: { number } })));
    const page = await queue.getJobs(['waiting'], 10, 14, true);
    expect(page.map((job) => job.data.number)).toEqual([10, 11, 12, 13, 14]);
    await jobs[3]!.updateData({ number: 'changed' });
    expect((await queue.getJob(jobs[3]!.id!))?.data).toEqual({ number: 'changed' });
    await jobs[4]!.remove();
    newWorker(queue, async () => undefined, { metrics: { maxDataPoints: 60 } });
    await waitFor('all to run', async () => (await queue.getCompletedCount()) === 24);
    expect((await queue.getMetrics('completed')).meta.count).toBe(24);
    expect((await queue.getWorkers()).length).toBeGreaterThanOrEqual(0);
  });
});
