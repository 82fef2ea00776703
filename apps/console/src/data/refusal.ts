/**
 * An expected no, and where on a form it is shown. The schema's habit makes this short: what was done ends in `Payload`, and every
 * other member of a result is a Refusal with a sentence for people.
 */
export interface Refusal {
  readonly __typename: string;
  readonly message: string;
  readonly faults?: readonly { readonly field: string; readonly message: string }[];
  readonly resource?: string;
  readonly feature?: string;
}

type Result = { readonly __typename: string };
export type Done<R extends Result> = Extract<R, { __typename: `${string}Payload` }>;
export type Refused<R extends Result> = Exclude<R, Done<R>>;

export function isDone<R extends Result>(result: R): result is Done<R> {
  return result.__typename.endsWith('Payload');
}

export interface PlacedRefusal {
  readonly fields: Readonly<Record<string, string>>;
  /** What belongs to no field of this form. */
  readonly general: string | undefined;
}

/** `fields` are those the form shows; a path below one of them (`settings.timeout`) counts as it. */
export function placeRefusal(refusal: Refusal, fields: readonly string[]): PlacedRefusal {
  if (refusal.faults) return placeFaults(refusal.faults, fields);
  const field = fieldOf(refusal);
  return field !== undefined && fields.includes(field)
    ? { fields: { [field]: refusal.message }, general: undefined }
    : { fields: {}, general: refusal.message };
}

function placeFaults(faults: NonNullable<Refusal['faults']>, fields: readonly string[]): PlacedRefusal {
  const placed: Record<string, string> = {};
  const rest: string[] = [];
  for (const { field, message } of faults) {
    const path = field.replace(/^input\./, '');
    const isShown = fields.some((name) => path === name || path.startsWith(`${name}.`));
    if (isShown) placed[path] = sentence(message);
    else rest.push(`${path} ${message}`);
  }
  return { fields: placed, general: rest.length > 0 ? sentence(rest.join('; ')) : undefined };
}

function fieldOf(refusal: Refusal): string | undefined {
  switch (refusal.__typename) {
    case 'NameTaken': return 'name';
    case 'EngineNotInstalled': return 'engine';
    case 'NotSupportedYet': return refusal.feature === 'SHARED_SENTINELS' ? 'sentinels' : 'persistence';
    case 'QuotaExceeded': return refusal.resource === 'MEMORY' ? 'plan' : undefined;
    case 'SignInFailed': return 'password';
    default: return undefined;
  }
}

/** Faults of the API continue the field's name ("must be …"); beside the field they stand alone. */
function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
