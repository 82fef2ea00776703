// How every mutation runs: access → idempotency → one transaction (work, key, audit row) → wake.
//
// Invariants
// - Requests with one key wait for each other, so the second finds the first's answer whatever happens in between.
// - `work` decides everything before it writes anything, so that a refusal leaves nothing but its audit row.
// - Every attempt of somebody known leaves exactly one audit row, whatever came of it; only a repetition under the same key leaves none.
// - The audit row is the transaction's last write (its chain is locked from there to the commit).
// - Waking happens after the commit and may fail: the sweep finds what was written.
// - What is stored under an idempotency key are ids alone; the answer is built from the rows anew, secrets included.
import { createHash } from 'node:crypto';
import { refusal, type Action, type NounKind, type Refusal, type RefusalKind, type RefusalOf, type Repositories, type UserRow, type WakeQueue } from '@larder/plane-domain';
import { actorNameOf, actorOf } from '@larder/plane-identity';
import { assert, dayMs } from '@larder/shared-std';
import { GraphQLError } from 'graphql';
import { forbidden, type RequestContext } from './context';
import { wakeQuietly, type PlaneServices } from './services';
import { badRequest } from './words/page.type';

const idempotencyMs = dayMs;
const keyLengthMax = 200;
const secretFields = /password|token$|secret/i;

export interface MutationPlan {
  /** The field's name; also the audit's action together with `action`. */
  readonly name: string;
  readonly action: Action;
  /** Where it happens; undefined where the id given names nothing. */
  readonly organizationId: string | undefined;
  /** What NotFound speaks of. */
  readonly noun: NounKind;
  readonly input: object;
}

export interface Done<S> {
  /** Ids; kept with the idempotency key. */
  readonly stored: S;
  /** `Instance:<uuid>` */
  readonly target: string | null;
  readonly targetName: string | null;
  readonly wake?: (queue: WakeQueue) => Promise<void>;
  /** Chain of the audit row where it is not the place of the mutation: what a person makes for itself. */
  readonly auditIn?: string;
}

type Outcome<S, K extends RefusalKind> = RefusalOf<K> | Done<S>;

export interface MutationAnswer<S> {
  readonly stored: S;
  readonly isReplay: boolean;
}

export async function runMutation<S, K extends RefusalKind>(
  services: PlaneServices, context: RequestContext, plan: MutationPlan,
  work: (records: Repositories, at: Date, organizationId: string) => Promise<Outcome<S, K>>,
): Promise<MutationAnswer<S> | RefusalOf<K> | RefusalOf<'NotFound'> | RefusalOf<'IdempotencyConflict'>> {
  context.requireViewer();
  const { organizationId } = plan;
  const access = organizationId === undefined ? 'not-found' : await context.access(organizationId, plan.action);
  if (organizationId === undefined || access !== 'allowed') {
    // A foreign organisation must not learn of it: that attempt goes into the platform's chain.
    await audit(services, context, plan, access === 'forbidden' ? organizationId ?? null : null, access === 'forbidden' ? 'FORBIDDEN' : 'NotFound');
    if (access === 'forbidden') throw forbidden(plan.action);
    return refusal.notFound(plan.noun);
  }
  const key = idempotencyKeyOf(plan.input);
  try {
    return await transact(services, context, plan, { keys: organizationId, audit: organizationId }, key, (records, at) => work(records, at, organizationId));
  } catch (error) {
    // Decided inside, where the transaction and its row are gone.
    if (isForbidden(error)) await audit(services, context, plan, organizationId, 'FORBIDDEN');
    throw error;
  }
}

function isForbidden(error: unknown): boolean {
  return error instanceof GraphQLError && error.extensions['code'] === 'FORBIDDEN';
}

/** What a program may not do at all, since it is a person's own. */
export async function refuseTokens(services: PlaneServices, context: RequestContext, plan: Pick<MutationPlan, 'name' | 'action' | 'input'>, what: string): Promise<UserRow> {
  const viewer = context.requireViewer();
  if (viewer.kind === 'user') return viewer.user;
  await audit(services, context, plan, viewer.token.organizationId, 'FORBIDDEN');
  throw forbidden(what);
}

/** A mutation of a person that happens in no organisation; keys are the person's own. */
export function runPersonalMutation<S, K extends RefusalKind>(
  services: PlaneServices, context: RequestContext, plan: Pick<MutationPlan, 'name' | 'action' | 'input'>, userId: string,
  work: (records: Repositories, at: Date) => Promise<Outcome<S, K>>,
): Promise<MutationAnswer<S> | RefusalOf<K> | RefusalOf<'IdempotencyConflict'>> {
  return transact(services, context, plan, { keys: userId, audit: null }, idempotencyKeyOf(plan.input), work);
}

async function transact<S, K extends RefusalKind>(
  services: PlaneServices, context: RequestContext, plan: Pick<MutationPlan, 'name' | 'action' | 'input'>,
  scope: { readonly keys: string; readonly audit: string | null }, key: string | undefined,
  work: (records: Repositories, at: Date) => Promise<Outcome<S, K>>,
): Promise<MutationAnswer<S> | RefusalOf<K> | RefusalOf<'IdempotencyConflict'>> {
  const at = new Date(services.clock.now());
  const outcome = await services.work.run(async (records): Promise<Outcome<S, K> | RefusalOf<'IdempotencyConflict'> | MutationAnswer<S>> => {
    if (key !== undefined) {
      await records.idempotency.lock(scope.keys, key);
      const known = await records.idempotency.find(scope.keys, key, at);
      if (known !== undefined && known.bodyHash === hashOfBody(plan)) return { stored: known.result as S, isReplay: true };
      if (known !== undefined) {
        const conflict = refusal.idempotencyConflict(key);
        await records.auditLog.append(auditDraft(context, plan, scope.audit, conflict.kind, null, null));
        return conflict;
      }
    }
    const done = await work(records, at);
    if (isRefusal(done)) {
      await records.auditLog.append(auditDraft(context, plan, scope.audit, done.kind, null, null));
      return done;
    }
    if (key !== undefined) await keep(records, plan, scope.keys, key, done.stored, at);
    await records.auditLog.append(auditDraft(context, plan, done.auditIn ?? scope.audit, 'ok', done.target, done.targetName));
    return done;
  });
  if (isRefusal(outcome) || 'isReplay' in outcome) return outcome;
  // Not waited for: nobody should wait for a queue that may be down.
  if (outcome.wake !== undefined) void wakeQuietly(outcome.wake(services.wake));
  return { stored: outcome.stored, isReplay: false };
}

async function keep(records: Repositories, plan: Pick<MutationPlan, 'name' | 'input'>, scope: string, key: string, stored: unknown, at: Date): Promise<void> {
  const inserted = await records.idempotency.insert({
    organizationId: scope, key, mutation: plan.name, bodyHash: hashOfBody(plan), result: stored, createdAt: at,
    expiresAt: new Date(at.getTime() + idempotencyMs),
  });
  assert(inserted === 'inserted', 'the idempotency key is locked, so nobody else can have stored it');
}

export function isRefusal(value: object): value is Refusal {
  return 'kind' in value && 'message' in value;
}

/** An audit row by itself, for what has no transaction. */
export async function audit(
  services: PlaneServices, context: RequestContext, plan: Pick<MutationPlan, 'name' | 'action' | 'input'>, organizationId: string | null, outcome: string,
): Promise<void> {
  await services.work.run((records) => records.auditLog.append(auditDraft(context, plan, organizationId, outcome, null, null)));
}

export function auditDraft(
  context: RequestContext, plan: Pick<MutationPlan, 'action' | 'name' | 'input'>, organizationId: string | null, outcome: string,
  target: string | null, targetName: string | null,
): Parameters<Repositories['auditLog']['append']>[0] {
  const { viewer, facts } = context;
  return {
    organizationId, action: plan.name, outcome, target, targetName,
    actor: viewer === undefined ? 'nobody' : actorOf(viewer), actorName: viewer === undefined ? 'nobody' : actorNameOf(viewer),
    detail: withoutSecrets(plan.input), ip: facts.ip, requestId: facts.requestId,
  };
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (value instanceof Date) return value.toISOString();
  if (value === null || typeof value !== 'object') return value ?? null;
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)
    .map(([name, inner]) => [name, secretFields.test(name) ? '…' : withoutSecrets(inner)]));
}

function idempotencyKeyOf(input: object): string | undefined {
  const key = (input as { readonly idempotencyKey?: string | null }).idempotencyKey ?? undefined;
  if (key !== undefined && (key.length < 1 || key.length > keyLengthMax)) throw badRequest(`idempotencyKey must have 1 to ${keyLengthMax} characters`);
  return key;
}

function hashOfBody(plan: Pick<MutationPlan, 'name' | 'input'>): string {
  const { idempotencyKey: _key, ...body } = plan.input as { readonly idempotencyKey?: string };
  return createHash('sha256').update(plan.name).update(sortedJson(body)).digest('hex');
}

function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) =>
    (inner !== null && typeof inner === 'object' && !Array.isArray(inner) && !(inner instanceof Date)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1))) : inner));
}
