// Bundles the page into ../dist/graphiql, or into the folder named on the command line. The same sources give the same bytes.

import { build } from "esbuild";
import { appendFile, copyFile, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

const out = process.argv[2] ?? "../dist/graphiql";

/** GraphiQL's style sheet embeds 350 KB of fonts. The page does with the reader's own: GraphiQL names them as fallbacks. */
const withoutFonts = {
  name: "without-fonts",
  setup({ onLoad }) {
    onLoad({ filter: /graphiql\/dist\/style\.css$/ }, async ({ path }) => {
      const sheet = await readFile(path, "utf8");
      const contents = sheet.replace(/@font-face\s*\{[^}]*\}/g, "");
      if (contents === sheet) throw new Error("GraphiQL's style sheet no longer embeds fonts: drop this step.");
      return { contents, loader: "css" };
    });
  },
};

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });

const { metafile } = await build({
  entryPoints: { graphiql: "src/main.tsx" },
  outdir: out,
  bundle: true,
  format: "iife",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "linked", // graphiql.js.LEGAL.txt, with the packages' licenses after it
  loader: { ".graphql": "text" },
  define: { "process.env.NODE_ENV": '"production"' },
  plugins: [withoutFonts],
  metafile: true,
  logLevel: "warning",
});
await copyFile("index.html", join(out, "index.html"));
await copyFile("icon.svg", join(out, "icon.svg"));
await appendFile(join(out, "graphiql.js.LEGAL.txt"), await licenses(Object.keys(metafile.inputs)));

for (const [file, { bytes }] of Object.entries(metafile.outputs)) console.log(file, `${Math.round(bytes / 1024)} KiB`);

/** The name, version and license text of every package that a bundled file comes from. */
async function licenses(files) {
  const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;
  const folders = [...new Set(files.map((file) => folder.exec(file)?.[0]).filter(Boolean))].sort();
  const parts = ["\nThe packages in the bundle, with their licenses."];
  for (const folder of folders) {
    const { name, version, license, homepage } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).sort().find((file) => /^licen[cs]e/i.test(file));
    const text = file ? (await readFile(join(folder, file), "utf8")).replace(/\r\n?/g, "\n").trim() : homepage ?? "";
    parts.push(`${"-".repeat(72)}\n${name} ${version} (${license})\n\n${text}`);
  }
  return parts.join("\n\n") + "\n";
}
