// The front door of @larder/plane-loop: work that is asked for by id, found again by a sweep, done one at a time per id.
export * from './keyed-loop';
