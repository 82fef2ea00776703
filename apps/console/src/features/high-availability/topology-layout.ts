// Where the members of a highly available instance are drawn, and the lines between them. Pure; everything in pixels.
//
//   wide    gate -> primary -> replicas -> reads, Sentinels in a row below
//   narrow  a tree: gate, the primary, its replicas indented, reads, Sentinels
//
// Invariant: every member has one box, and no two boxes overlap.
import type { Instance } from '@/data/instance/instance-query';

export type Member = Instance['members'][number];

export interface Box {
  readonly member: Member;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Line {
  readonly key: string;
  /** Data flows along it, clients are led along it, or it is what links branch off from. */
  readonly kind: 'replication' | 'route' | 'spine';
  /** Of replication: the replica. */
  readonly replica?: Member;
  readonly path: string;
  readonly middle: readonly [x: number, y: number];
}

export interface Layout {
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
}

const storeHeight = 92;
const gateHeight = 72;
const sentinelHeight = 54;
const rowGap = 14;
const narrowerThan = 760;
const columnWidthMin = 142;
const columnWidthMax = 214;
const gapMin = 46;

export function layoutTopology(members: readonly Member[], primaryName: string, widthPx: number): Layout {
  const stores = members.filter(({ role }) => role !== 'SENTINEL' && role !== 'GATE');
  const primary = stores.find(({ role }) => role === 'PRIMARY') ?? stores.find(({ name }) => name === primaryName);
  const parts: Parts = {
    primary, replicas: stores.filter((member) => member !== primary), sentinels: members.filter(({ role }) => role === 'SENTINEL'),
    gate: members.find(({ role, name }) => role === 'GATE' && name !== 'reads'), reads: members.find(({ role, name }) => role === 'GATE' && name === 'reads'),
  };
  return widthPx < narrowerThan ? layTree(parts, widthPx) : layColumns(parts, widthPx);
}

interface Parts {
  readonly primary: Member | undefined;
  readonly replicas: readonly Member[];
  readonly sentinels: readonly Member[];
  readonly gate: Member | undefined;
  readonly reads: Member | undefined;
}

function layColumns({ primary, replicas, sentinels, gate, reads }: Parts, widthPx: number): Layout {
  const width = Math.min(columnWidthMax, Math.max(columnWidthMin, (widthPx - 3 * gapMin) / 4));
  const gap = (widthPx - 4 * width) / 3;
  const column = (index: number): number => index * (width + gap);
  const bodyHeight = Math.max(1, replicas.length) * (storeHeight + rowGap) - rowGap;
  const centred = (member: Member | undefined, index: number, height: number): Box[] =>
    (member === undefined ? [] : [{ member, x: column(index), y: (bodyHeight - height) / 2, width, height }]);
  const [primaryBox] = centred(primary, 1, storeHeight);
  const [gateBox] = centred(gate, 0, gateHeight);
  const [readsBox] = centred(reads, 3, gateHeight);
  const replicaBoxes = replicas.map((member, index): Box => ({ member, x: column(2), y: index * (storeHeight + rowGap), width, height: storeHeight }));
  const sentinelBoxes = rowOf(sentinels, bodyHeight + 2 * rowGap, widthPx);
  return {
    height: bodyHeight + (sentinels.length > 0 ? 2 * rowGap + sentinelHeight : 0),
    boxes: [gateBox, primaryBox, ...replicaBoxes, readsBox, ...sentinelBoxes].filter((box) => box !== undefined),
    lines: [
      ...(gateBox && primaryBox ? [across(gateBox, primaryBox, 'route')] : []),
      ...(primaryBox ? replicaBoxes.map((box) => across(sourceOf(box, primaryBox, replicaBoxes), box, 'replication')) : []),
      ...(readsBox ? replicaBoxes.filter(({ member }) => member.isLinkUp === true).map((box) => across(readsBox, box, 'route')) : []),
    ],
  };
}

/** A replica may follow another one. */
function sourceOf({ member }: Box, primary: Box, replicas: readonly Box[]): Box {
  return replicas.find((other) => other.member.name === member.follows) ?? primary;
}

function across(from: Box, to: Box, kind: Line['kind']): Line {
  const isForward = to.x >= from.x;
  const [startX, endX] = isForward ? [from.x + from.width, to.x] : [from.x, to.x + to.width];
  const [startY, endY] = [from.y + from.height / 2, to.y + to.height / 2];
  const bend = (startX + endX) / 2;
  const path = `M${startX} ${startY}C${bend} ${startY} ${bend} ${endY} ${endX} ${endY}`;
  return { key: `${kind}/${from.member.name}/${to.member.name}`, kind, path, middle: [bend, (startY + endY) / 2], ...(kind === 'replication' ? { replica: to.member } : {}) };
}

function rowOf(members: readonly Member[], y: number, widthPx: number): Box[] {
  const width = (widthPx - rowGap * (members.length - 1)) / Math.max(1, members.length);
  return members.map((member, index) => ({ member, x: index * (width + rowGap), y, width, height: sentinelHeight }));
}

const indent = 30;
const spine = 14;
const sentinelWidthMin = 150;

function layTree({ primary, replicas, sentinels, gate, reads }: Parts, widthPx: number): Layout {
  const boxes: Box[] = [];
  const lines: Line[] = [];
  let y = 0;
  const put = (member: Member | undefined, x: number, height: number, gapAfter: number): Box | undefined => {
    if (member === undefined) return undefined;
    const box = { member, x, y, width: widthPx - x, height };
    boxes.push(box);
    y += height + gapAfter;
    return box;
  };
  const gateBox = put(gate, 0, gateHeight, 22);
  const primaryBox = put(primary, 0, storeHeight, rowGap);
  if (gateBox && primaryBox) {
    const [from, to] = [gateBox.y + gateBox.height, primaryBox.y];
    lines.push({ key: 'route/gate', kind: 'route', path: `M${spine} ${from}V${to}`, middle: [spine, (from + to) / 2] });
  }
  for (const replica of replicas) {
    const box = put(replica, indent, storeHeight, rowGap)!;
    const middle = box.y + box.height / 2;
    lines.push({ key: `replication/${replica.name}`, kind: 'replication', replica, path: `M${spine} ${middle}H${box.x}`, middle: [(spine + box.x) / 2, middle] });
  }
  const last = lines.findLast(({ kind }) => kind === 'replication');
  if (primaryBox && last) lines.unshift({ key: 'spine', kind: 'spine', path: `M${spine} ${primaryBox.y + primaryBox.height}V${last.middle[1]}`, middle: [spine, primaryBox.y] });
  put(reads, 0, gateHeight, rowGap);
  const perRow = Math.max(1, Math.min(sentinels.length, Math.floor((widthPx + rowGap) / (sentinelWidthMin + rowGap))));
  for (let at = 0; at < sentinels.length; at += perRow) {
    boxes.push(...rowOf(sentinels.slice(at, at + perRow), y, widthPx));
    y += sentinelHeight + rowGap;
  }
  return { height: Math.max(0, y - rowGap), boxes, lines };
}
