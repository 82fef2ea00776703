// Stylesheets are side effects or class maps; Next's own declarations exist only after its first run.
declare module '*.module.css' {
  const classes: Readonly<Record<string, string>>;
  export default classes;
}
declare module '*.css';
declare module '@fontsource-variable/inter';
