// The front door of @larder/plane-instance-link: how the control plane speaks to a running store.
export { IoredisInstanceLink, type LinkOptions } from './link';
export { parseInfo } from './info';
