// One request: who asks, from where, and what may they touch. Every resolver takes its permissions from here.
//
// Invariants
// - A foreign organisation does not exist for the viewer: locate() and mayIn() answer as for an id that was never given out.
// - Too low a role or too narrow a scope inside one's own is FORBIDDEN, a top-level error.
import { GraphQLError } from 'graphql';
import { fromNodeId, type Action, type NodeType, type OwnedNoun, type Role } from '@larder/plane-domain';
import { decideAccess, type Viewer } from '@larder/plane-identity';
import { loadersOn, type Loaders } from './loaders';
import type { PlaneServices } from './services';

export interface RequestFacts {
  readonly viewer: Viewer | undefined;
  /** What is wrong with the sign of who asks; told to every operation, also to those that need nobody. */
  readonly fault?: GraphQLError;
  readonly ip: string;
  readonly userAgent: string | null;
  readonly requestId: string;
  /** Sets the session's cookie, or clears it. Does nothing on a socket. */
  readonly setSession: (secret: string | null) => void;
}

export interface Located {
  readonly organizationId: string;
  readonly id: string;
}

export class RequestContext {
  viewer: Viewer | undefined;
  readonly facts: RequestFacts;
  readonly loaders: Loaders;
  private readonly services: PlaneServices;
  private readonly roles = new Map<string, Promise<Role | undefined>>();

  constructor(services: PlaneServices, facts: RequestFacts) {
    this.services = services;
    this.facts = facts;
    this.viewer = facts.viewer;
    this.loaders = loadersOn(services.work.records, services.access, services.clock);
  }

  requireViewer(): Viewer {
    if (this.viewer === undefined) throw this.facts.fault ?? unauthenticated();
    return this.viewer;
  }

  roleIn(organizationId: string): Promise<Role | undefined> {
    const viewer = this.requireViewer();
    if (viewer.kind === 'token') return Promise.resolve(undefined);
    let role = this.roles.get(organizationId);
    if (role === undefined) {
      role = this.services.access.members.roleOf(organizationId, viewer.user.id);
      this.roles.set(organizationId, role);
    }
    return role;
  }

  async access(organizationId: string, action: Action): Promise<'allowed' | 'forbidden' | 'not-found'> {
    return decideAccess(this.requireViewer(), organizationId, await this.roleIn(organizationId), action);
  }

  /** False: as if it did not exist. Throws FORBIDDEN inside one's own organisation. */
  async mayIn(organizationId: string, action: Action): Promise<boolean> {
    const access = await this.access(organizationId, action);
    if (access === 'forbidden') throw forbidden(action);
    return access === 'allowed';
  }

  /** The same question asked later, on a socket that stays open: read anew, nothing remembered. */
  async isStillAllowed(organizationId: string, action: Action): Promise<boolean> {
    const { viewer } = this;
    const { records } = this.services.work;
    if (viewer === undefined) return false;
    if (viewer.kind === 'user') return decideAccess(viewer, organizationId, await records.members.roleOf(organizationId, viewer.user.id), action) === 'allowed';
    const token = await records.apiTokens.byId(viewer.token.organizationId, viewer.token.id);
    const isUsable = token !== undefined && token.revokedAt === null && (token.expiresAt === null || token.expiresAt.getTime() > this.services.clock.now());
    return isUsable && decideAccess({ kind: 'token', token }, organizationId, undefined, action) === 'allowed';
  }

  async requireIn(organizationId: string, action: Action): Promise<void> {
    if (!(await this.mayIn(organizationId, action))) throw forbidden(action);
  }

  /** The organisation that a client's id names, if it is one; access is not decided here. */
  organizationOf(nodeId: string): string | undefined {
    return fromNodeId(nodeId, 'Organization');
  }

  /** Where the row of a client's id lies; access is not decided here. */
  async ownerOf(nodeId: string, noun: OwnedNoun & NodeType): Promise<Located | undefined> {
    const id = fromNodeId(nodeId, noun);
    if (id === undefined) return undefined;
    const organizationId = await this.services.work.records.organizations.owning(noun, id);
    return organizationId === undefined ? undefined : { organizationId, id };
  }

  /** ownerOf() and mayIn() together, for reading. */
  async locate(nodeId: string, noun: OwnedNoun & NodeType, action: Action): Promise<Located | undefined> {
    this.requireViewer();
    const located = await this.ownerOf(nodeId, noun);
    return located !== undefined && (await this.mayIn(located.organizationId, action)) ? located : undefined;
  }
}

export function unauthenticated(message = 'Sign in, or send a valid token as Authorization: Bearer.'): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED' } });
}

export function forbidden(action: string): GraphQLError {
  return new GraphQLError(`Not allowed: ${action}.`, { extensions: { code: 'FORBIDDEN', action } });
}
