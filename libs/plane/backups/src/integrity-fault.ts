// Damage that no second try mends: a stored object or a file that is not what it should be. `isFinal` tells the reconcile loop so.
export class IntegrityFault extends Error {
  readonly isFinal = true;

  constructor(message: string) {
    super(message);
    this.name = 'IntegrityFault';
  }
}
