// esbuild hands these to the program: a .graphql file as its text, a .css file as a part of the style sheet.
declare module "*.graphql" {
  const text: string;
  export default text;
}
declare module "*.css";
