/**
 * The look: pine on neutral greys, Inter, small radii. Every pair of text and ground meets 4.5 : 1 in both schemes; Mantine's own
 * dimmed, placeholder and filled-red do not, so they are set here. What screens paint with are the `--app-*` names alone.
 */
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

const pine: MantineColorsTuple = [
  '#e8f7f0', '#d0eee0', '#a3ddc3', '#72cba4', '#4cbd8b', '#33a877', '#1d9163', '#0f7a54', '#0b6545', '#074c34',
];
const red: MantineColorsTuple = [
  '#fdeeee', '#fbd9d9', '#f5b0b1', '#ef8486', '#e85f62', '#df4347', '#d03036', '#bd232b', '#9f1c23', '#7f151b',
];
const dark: MantineColorsTuple = [
  '#e8ebee', '#c8ced4', '#9ba5af', '#76808b', '#2d343b', '#232930', '#191e23', '#101316', '#0b0d10', '#070809',
];

export const theme = createTheme({
  primaryColor: 'pine',
  primaryShade: { light: 7, dark: 7 },
  colors: { pine, red, dark },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, 'DejaVu Sans Mono', monospace",
  headings: { fontFamily: "'Inter Variable', system-ui, sans-serif", fontWeight: '620' },
  defaultRadius: 'md',
  radius: { xs: '3px', sm: '5px', md: '7px', lg: '10px', xl: '14px' },
  cursorType: 'pointer',
  components: {
    Button: { defaultProps: { size: 'sm' } },
    TextInput: { defaultProps: { withAsterisk: false } },
    PasswordInput: { defaultProps: { withAsterisk: false } },
    Anchor: { defaultProps: { underline: 'hover' } },
  },
});

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-text': '#15191d',
    '--mantine-color-dimmed': '#58626c',
    '--mantine-color-placeholder': '#6a747e',
    '--mantine-color-error': '#bd232b',
    '--mantine-color-anchor': '#0b6545',
    '--mantine-color-default-border': '#d5dade',
    '--app-canvas': '#f6f7f8',
    '--app-surface': '#ffffff',
    '--app-sunken': '#f1f3f4',
    '--app-line': '#e2e6e9',
    '--app-hover': '#eef1f3',
    '--app-good': '#0b6545', '--app-good-ground': '#e0f3ea', '--app-good-mark': '#1d9163',
    '--app-busy': '#1d4f91', '--app-busy-ground': '#e4eefa', '--app-busy-mark': '#3b7fd1',
    '--app-warn': '#7a4a00', '--app-warn-ground': '#fcf0d9', '--app-warn-mark': '#d48806',
    '--app-bad': '#9f1c23', '--app-bad-ground': '#fce8e8', '--app-bad-mark': '#d03036',
    '--app-idle': '#4b555f', '--app-idle-ground': '#eceff1', '--app-idle-mark': '#8a949e',
    '--app-shadow': '0 12px 32px rgb(16 24 32 / 14%), 0 2px 6px rgb(16 24 32 / 8%)',
  },
  dark: {
    '--mantine-color-text': '#e8ebee',
    '--mantine-color-dimmed': '#9ba5af',
    '--mantine-color-placeholder': '#8b959f',
    '--mantine-color-error': '#ff8b8e',
    '--mantine-color-anchor': '#72cba4',
    '--mantine-color-default-border': '#343c44',
    '--app-canvas': '#101316',
    '--app-surface': '#161a1e',
    '--app-sunken': '#0c0f12',
    '--app-line': '#262c32',
    '--app-hover': '#1e2328',
    '--app-good': '#72cba4', '--app-good-ground': '#12291f', '--app-good-mark': '#33a877',
    '--app-busy': '#8fbdf5', '--app-busy-ground': '#14253a', '--app-busy-mark': '#4d90e0',
    '--app-warn': '#eec06a', '--app-warn-ground': '#2e2410', '--app-warn-mark': '#d99a1f',
    '--app-bad': '#ff9a9c', '--app-bad-ground': '#351718', '--app-bad-mark': '#e85f62',
    '--app-idle': '#aab3bc', '--app-idle-ground': '#22282e', '--app-idle-mark': '#76808b',
    '--app-shadow': '0 12px 32px rgb(0 0 0 / 55%), 0 2px 6px rgb(0 0 0 / 40%)',
  },
});
