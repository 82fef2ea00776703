import { isDone, placeRefusal } from './refusal';

test('faults stand beside their fields, the rest above the button', () => {
  const refusal = {
    __typename: 'InvalidInput', message: 'The input is not valid.',
    faults: [{ field: 'name', message: 'must have 1 to 40 characters' }, { field: 'settings.timeout', message: 'must be a whole number' }, { field: 'port', message: 'is not yours' }],
  };
  expect(placeRefusal(refusal, ['name', 'settings'])).toEqual({
    fields: { name: 'Must have 1 to 40 characters.', 'settings.timeout': 'Must be a whole number.' }, general: 'Port is not yours.',
  });
});

test('a taken name stands beside the name, but above the button of a form without one', () => {
  const refusal = { __typename: 'NameTaken', message: 'It is taken.' };
  expect(placeRefusal(refusal, ['name'])).toEqual({ fields: { name: 'It is taken.' }, general: undefined });
  expect(placeRefusal(refusal, ['plan'])).toEqual({ fields: {}, general: 'It is taken.' });
});

test('of quotas only that of memory is the plan\'s', () => {
  expect(placeRefusal({ __typename: 'QuotaExceeded', message: 'Full.', resource: 'MEMORY' }, ['plan']).fields).toEqual({ plan: 'Full.' });
  expect(placeRefusal({ __typename: 'QuotaExceeded', message: 'Full.', resource: 'INSTANCES' }, ['plan']).general).toBe('Full.');
});

test('what was done ends in Payload', () => {
  expect(isDone({ __typename: 'CreateInstancePayload' })).toBe(true);
  expect(isDone({ __typename: 'NameTaken' })).toBe(false);
});
