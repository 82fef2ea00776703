/**
 * A mutation as one would write it by hand, from the very input object that is sent. Enum values stand bare, so the caller names
 * the fields that hold one; all else is JSON with bare keys.
 */
const enumFields = new Set(['persistence', 'appendFsync', 'maxmemoryPolicy', 'topology', 'sentinels', 'engine', 'missedPolicy']);

export function printMutation(field: string, input: object, selection: string): string {
  return `mutation {\n  ${field}(input: ${printObject(input, 1)}) {\n${indent(selection.trim(), 2)}\n  }\n}`;
}

function printObject(value: object, depth: number): string {
  const lines = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .map(([name, each]) => `${'  '.repeat(depth + 1)}${name}: ${printValue(name, each, depth + 1)}`);
  return lines.length === 0 ? '{}' : `{\n${lines.join('\n')}\n${'  '.repeat(depth)}}`;
}

function printValue(name: string, value: unknown, depth: number): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[${value.map((each) => printInline(each)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return printObject(value, depth);
  return enumFields.has(name) && typeof value === 'string' ? value : JSON.stringify(value);
}

function printInline(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value).map(([name, each]) => `${name}: ${JSON.stringify(each)}`).join(', ')} }`;
}

function indent(text: string, depth: number): string {
  return text.split('\n').map((line) => '  '.repeat(depth) + line).join('\n');
}

export const createSelection = `
__typename
... on CreateInstancePayload {
  instance { id state summary }
  operation { id phase percent }
  credentials { username password uri }
}
... on Refusal { message }
... on InvalidInput { faults { field message } }`;

export const scheduleSelection = `
__typename
... on BackupSchedulePayload { schedule { id nextAt } }
... on Refusal { message }
... on InvalidInput { faults { field message } }`;
