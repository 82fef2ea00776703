/**
 * One request to the API, and the one place where its failures are named. An expected no is data (see refusal.ts); what is thrown
 * from here is always an ApiError, so a screen needs one error face.
 */
import type { TypedDocumentString } from './generated/typed-document';

export type ApiErrorKind = 'unreachable' | 'unauthenticated' | 'forbidden' | 'rate-limited' | 'refused' | 'broken';

export class ApiError extends Error {
  readonly kind: ApiErrorKind;

  constructor(kind: ApiErrorKind, message: string) {
    super(message);
    this.name = 'ApiError';
    this.kind = kind;
  }
}

const kindOfCode: Readonly<Record<string, ApiErrorKind>> = {
  UNAUTHENTICATED: 'unauthenticated',
  FORBIDDEN: 'forbidden',
  RATE_LIMITED: 'rate-limited',
  TOO_COMPLEX: 'refused',
  BAD_REQUEST: 'refused',
  UNREACHABLE: 'unreachable',
};

interface Answer<TResult> {
  readonly data?: TResult | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

type Rest<TVariables> = TVariables extends Record<string, never> ? [] : [variables: TVariables];

export async function execute<TResult, TVariables>(
  document: TypedDocumentString<TResult, TVariables>,
  ...[variables]: Rest<TVariables>
): Promise<TResult> {
  const answer = (await readJson(await post(String(document), variables))) as Answer<TResult>;
  const fault = answer.errors?.[0];
  if (fault) throw new ApiError(kindOfCode[fault.extensions?.code ?? ''] ?? 'broken', fault.message);
  if (answer.data == null) throw new ApiError('broken', 'The API answered without data.');
  return answer.data;
}

async function post(query: string, variables: unknown): Promise<Response> {
  try {
    return await fetch('/graphql', {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
  } catch {
    throw new ApiError('unreachable', 'The API is not reachable.');
  }
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    if (response.status === 429) throw new ApiError('rate-limited', 'Too many requests; wait a moment.');
    throw new ApiError(response.status >= 500 ? 'unreachable' : 'broken', `The API answered ${response.status}.`);
  }
}
