// The front door of @larder/plane-provisioner: drivers behind the domain's Provisioner port.
export { LocalProcessProvisioner, type LocalProcessOptions } from './local-process/driver';
