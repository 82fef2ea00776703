// Subscriptions: the present state first, then the state after every change. A change tells only that there is something to read; what
// is sent is read from the records then, so a missed or doubled telling costs a read and never shows what never was.
//
// Invariants
// - Access is decided anew at every change: who loses a role or a token stops seeing.
// - A slow reader holds one pending id per row, not a queue: states in between may be skipped, the last one never is.
import { Inject } from '@nestjs/common';
import { Args, Context, ID, Resolver, Subscription } from '@nestjs/graphql';
import type { Action, Change } from '@larder/plane-domain';
import type { RequestContext } from '../context';
import { Instance, toInstance } from '../instance/instance.type';
import { Operation, toOperation } from '../operation/operation.type';
import { PLANE, type PlaneServices } from '../services';
import { badRequest } from '../words/page.type';

const firstShown = 50;

@Resolver()
export class ChangesResolver {
  constructor(@Inject(PLANE) private readonly plane: PlaneServices) {}

  @Subscription(() => Instance, { description: 'Starts with the present state. One of the two is given.' })
  instanceUpdated(
    @Args('id', { type: () => ID, nullable: true }) id: string | null,
    @Args('organizationId', { type: () => ID, nullable: true }) organizationId: string | null,
    @Context('plane') context: RequestContext,
  ): Promise<AsyncIterableIterator<object>> {
    const { records } = this.plane.work;
    return this.follow(context, 'Instance', 'instance.read', 'instanceUpdated', id, organizationId, {
      read: async (place, rowId) => {
        const row = await records.instances.byId(place, rowId);
        return row && toInstance(row);
      },
      present: async (place) => (await records.instances.page(place, { first: firstShown, after: null }, {})).items.map((row) => row.id),
    });
  }

  @Subscription(() => Operation, { description: 'Starts with the present state. One of the two is given.' })
  operationUpdated(
    @Args('id', { type: () => ID, nullable: true }) id: string | null,
    @Args('organizationId', { type: () => ID, nullable: true }) organizationId: string | null,
    @Context('plane') context: RequestContext,
  ): Promise<AsyncIterableIterator<object>> {
    const { records } = this.plane.work;
    return this.follow(context, 'Operation', 'operation.read', 'operationUpdated', id, organizationId, {
      read: async (place, rowId) => {
        const row = await records.operations.byId(place, rowId);
        return row && toOperation(row);
      },
      present: async (place) => (await records.operations.page(place, { first: firstShown, after: null }, { phases: ['PENDING', 'RUNNING'] })).items.map((row) => row.id),
    });
  }

  private async follow(
    context: RequestContext, noun: 'Instance' | 'Operation', action: Action, field: string, id: string | null, organizationNodeId: string | null,
    source: Source,
  ): Promise<AsyncIterableIterator<object>> {
    context.requireViewer();
    if ((id == null) === (organizationNodeId == null)) throw badRequest('give id or organizationId, one of the two');
    const located = id == null ? undefined : await context.locate(id, noun, action);
    const place = located?.organizationId ?? (organizationNodeId == null ? undefined : context.organizationOf(organizationNodeId));
    if (place === undefined || !(await context.mayIn(place, action))) throw badRequest(`there is no such ${noun.toLowerCase()} or organization`);
    const isMine = (change: Change): boolean => change.noun === noun && change.organizationId === place && (located === undefined || change.id === located.id);
    const present = (): Promise<readonly string[]> => (located === undefined ? source.present(place) : Promise.resolve([located.id]));
    return followChanges(this.plane, isMine, present, async (rowId) => {
      if (!(await context.isStillAllowed(place, action))) return 'end';
      const node = await source.read(place, rowId);
      return node && { [field]: node };
    });
  }
}

interface Source {
  read(organizationId: string, id: string): Promise<object | undefined>;
  /** Ids shown at the start and after a gap. */
  present(organizationId: string): Promise<readonly string[]>;
}

/** Subscribes before it reads the present state: a change in between is read twice, never missed. */
export async function followChanges(
  plane: Pick<PlaneServices, 'changes'>, isMine: (change: Change) => boolean, present: () => Promise<readonly string[]>,
  read: (id: string) => Promise<object | undefined | 'end'>,
): Promise<AsyncIterableIterator<object>> {
  const pending = new Set<string>();
  let isGap = false;
  let isEnded = false;
  let wake: (() => void) | undefined;
  const stir = (): void => {
    wake?.();
    wake = undefined;
  };
  const unsubscribe = plane.changes.subscribe((change) => {
    if (!isMine(change)) return;
    pending.add(change.id);
    stir();
  });
  const unsubscribeGap = plane.changes.onGap(() => {
    isGap = true;
    stir();
  });
  const end = (): void => {
    isEnded = true;
    unsubscribe();
    unsubscribeGap();
    stir();
  };
  try {
    for (const id of (await present()).toReversed()) pending.add(id);
  } catch (error) {
    end();
    throw error;
  }

  const next = async (): Promise<IteratorResult<object>> => {
    while (!isEnded) {
      if (isGap) {
        isGap = false;
        for (const id of await present()) pending.add(id);
      }
      const [id] = pending;
      if (id === undefined) {
        await new Promise<void>((resolve) => { wake = resolve; });
        continue;
      }
      pending.delete(id);
      const node = await read(id);
      if (node === 'end') end();
      else if (node !== undefined) return { done: false, value: node };
    }
    return { done: true, value: undefined };
  };
  return {
    next,
    async return() {
      end();
      return { done: true, value: undefined };
    },
    async throw(error) {
      end();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      end();
    },
  } as AsyncIterableIterator<object>;
}
