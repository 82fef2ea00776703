// Ids as clients see them: base64url("Instance:<uuid>"). Opaque to them; the type inside lets node(id) find its noun, and keeps the
// id of one noun from being taken for another's.

export type NodeType =
  | 'User' | 'Organization' | 'Member' | 'Invitation' | 'ApiToken' | 'Plan' | 'Instance' | 'InstanceEvent' | 'Operation'
  | 'BackupSchedule' | 'Backup' | 'Upload' | 'AuditEntry';

export function toNodeId(type: NodeType, id: string): string {
  return Buffer.from(`${type}:${id}`).toString('base64url');
}

/** undefined for what is not an id, or not of the type asked for: the caller answers NotFound. */
export function fromNodeId(nodeId: string, type: NodeType): string | undefined {
  const parsed = parseNodeId(nodeId);
  return parsed?.type === type ? parsed.id : undefined;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function parseNodeId(nodeId: string): { readonly type: string; readonly id: string } | undefined {
  const [type, id, more] = Buffer.from(nodeId.slice(0, 200), 'base64url').toString('utf8').split(':');
  if (type === undefined || id === undefined || more !== undefined) return undefined;
  return uuid.test(id) || (type === 'Plan' && /^[a-z0-9-]{1,40}$/.test(id)) ? { type, id } : undefined;
}
