// Top-level errors as clients see them. extensions.code is one of UNAUTHENTICATED, FORBIDDEN, RATE_LIMITED, TOO_COMPLEX, BAD_REQUEST and
// INTERNAL; the last tells nothing but the number under which the log has the rest.
import { Catch, type ExceptionFilter } from '@nestjs/common';
import { GraphQLError, type ExecutionResult, type GraphQLFormattedError } from 'graphql';

const statuses: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401, FORBIDDEN: 403, RATE_LIMITED: 429, TOO_COMPLEX: 400, BAD_REQUEST: 400, INTERNAL: 500,
};

interface Thrown {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly locations?: readonly { readonly line: number; readonly column: number }[];
  readonly extensions?: { readonly code?: unknown };
  readonly statusCode?: number;
  readonly originalError?: Thrown & { readonly errors?: readonly Thrown[] };
}

export interface ErrorLog {
  error(detail: object, message: string): void;
}

export function formatErrors(
  execution: ExecutionResult, requestId: string, log: ErrorLog | undefined,
): { readonly statusCode: number; readonly response: ExecutionResult } {
  const thrown = (execution.errors ?? []) as unknown as readonly Thrown[];
  const errors = thrown.flatMap((error) => {
    // Mercurius packs the faults of a document that does not parse or validate.
    const packed = error.originalError?.errors ?? (error as { readonly errors?: readonly Thrown[] }).errors;
    return packed ? packed.map((fault) => format(fault, 'BAD_REQUEST', requestId)) : [format(error, codeOf(error), requestId)];
  });
  errors.forEach((error, index) => {
    if (error.extensions!['code'] === 'INTERNAL') log?.error({ err: thrown[index]?.originalError ?? thrown[index], requestId, path: error.path }, 'a resolver failed');
  });
  const code = String(errors[0]?.extensions?.['code']);
  // Fastify and Mercurius know better which 4xx it is (413, 405, …).
  const own = thrown[0]?.statusCode ?? thrown[0]?.originalError?.statusCode;
  const isOwnUsed = code === 'BAD_REQUEST' && own !== undefined && own >= 400 && own < 500;
  const statusCode = execution.data ? 200 : isOwnUsed ? own : statuses[code] ?? 200;
  return { statusCode, response: { data: execution.data ?? null, errors } as unknown as ExecutionResult };
}

function codeOf(error: Thrown): string {
  const code = error.extensions?.code ?? error.originalError?.extensions?.code;
  if (typeof code === 'string' && code in statuses) return code;
  const status = error.statusCode ?? error.originalError?.statusCode;
  if (status !== undefined && status >= 400 && status < 500) return 'BAD_REQUEST';
  // Raised by the execution itself (a value that does not fit its type): no original error of ours is behind it.
  return error.originalError === undefined && error.path === undefined ? 'BAD_REQUEST' : 'INTERNAL';
}

function format(error: Thrown, code: string, requestId: string): GraphQLFormattedError {
  const isOurs = code === 'INTERNAL';
  return {
    message: isOurs ? `Something went wrong here; the log knows it as ${requestId}.` : error.message,
    ...(error.locations ? { locations: error.locations } : {}),
    ...(error.path ? { path: error.path } : {}),
    extensions: { ...(isOurs ? { requestId } : error.extensions), code },
  };
}

/** What resolvers throw on purpose goes on as it is; without this Nest would log each as a fault of ours. */
@Catch(GraphQLError)
export class ToldErrors implements ExceptionFilter {
  catch(error: GraphQLError): GraphQLError {
    return error;
  }
}
