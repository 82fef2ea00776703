/**
 * Modules of Node that most servers never use, loaded when first asked for. An import would load them at the start, in every thread:
 * `node:tls` takes 3 MB of each.
 */
export function tlsModule(): typeof import('node:tls') {
  return process.getBuiltinModule('node:tls');
}
