// The settings of one cjson module, as words in a userdata.

export interface JsonSettings {
  sparseConvert: number;
  sparseRatio: number;
  sparseSafe: number;
  encodeDepthMax: number;
  encodeInvalid: number;
  precision: number;
  keepBuffer: number;
  decodeInvalid: number;
  decodeDepthMax: number;
}

export const settingsNames: readonly (keyof JsonSettings)[] = [
  'sparseConvert',
  'sparseRatio',
  'sparseSafe',
  'encodeDepthMax',
  'encodeInvalid',
  'precision',
  'keepBuffer',
  'decodeInvalid',
  'decodeDepthMax',
];

export const defaultSettings: readonly number[] = [0, 2, 10, 1000, 0, 14, 1, 1, 1000];
export const settingsBytes = settingsNames.length * 4;
