// Bundles Element Web's user interface into the folder that it is given: node build.mjs FOLDER.
import { copyFile, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import postcss from "postcss";
import easings from "postcss-easings";
import hexrgba from "postcss-hexrgba";
import imports from "postcss-import";
import mixins from "postcss-mixins";
import nested from "postcss-nested";
import scss from "postcss-scss";
import variables from "postcss-simple-vars";

const out = process.argv[2];
const here = dirname(fileURLToPath(import.meta.url));
const node = join(here, "node.mjs");
const sdk = dirname(fileURLToPath(import.meta.resolve("matrix-react-sdk/package.json")));
const files = Object.fromEntries(["gif", "png", "woff", "woff2"].map((end) => ["." + end, "file"]));

// Element builds with webpack; these are the words of webpack's that its sources use.
const likeWebpack = {
    name: "like-webpack",
    setup(build) {
        build.onResolve({ filter: /^\$webapp\// }, ({ path }) => ({ path: path.replace("$webapp/", ""), namespace: "address" }));
        build.onLoad({ filter: /.*/, namespace: "address" }, ({ path }) => ({ contents: path, loader: "text" }));

        build.onResolve({ filter: /^!!raw-loader!/ }, ({ path, resolveDir }) => {
            const file = join(resolveDir, path.replace("!!raw-loader!", ""));
            return { path: file.endsWith(".css") ? file : file + ".js", namespace: "raw" };
        });
        build.onLoad({ filter: /.*/, namespace: "raw" }, async ({ path }) => ({ contents: await readFile(path, "utf8"), loader: "text" }));

        // Programs of their own, of which webpack gives the addresses: voice messages, which nobody records here.
        build.onResolve({ filter: /^opus-recorder\/dist\/.*Worker\.min|\/RecorderWorklet$/ }, ({ path }) => ({ path, namespace: "nothing" }));
        build.onLoad({ filter: /.*/, namespace: "nothing" }, () => ({ contents: "export default null" }));

        // Workers are programs of their own too: those are bundled below.
        build.onLoad({ filter: /WorkerFactory\.ts$/ }, async ({ path }) => {
            return { contents: (await readFile(path, "utf8")).replace(/\.worker\.ts"/, '.worker.js"'), loader: "ts" };
        });

        build.onLoad({ filter: /\.svg$/ }, async ({ path }) => ({ contents: picture(await readFile(path, "utf8")), resolveDir: here }));
    },
};

// picture is a module that has a drawing as an address and as a component.
const picture = (svg) => `
    import React from "react";
    const address = "data:image/svg+xml," + encodeURIComponent(${JSON.stringify(svg)});
    export default address;
    export const Icon = (props) => React.createElement("img", { ...props, src: address });`;

const options = {
    outdir: out, bundle: true, minify: true, logLevel: "error",
    plugins: [likeWebpack], loader: files, inject: [node], alias: { util: node },
    define: { global: "globalThis", "process.env.NODE_ENV": '"production"', "process.env.VERSION": '"test"' },
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true, jsx: "react", useDefineForClassFields: false } },
};

async function scripts() {
    const workers = ["blurhash", "indexeddb", "playback"].map((name) => join(sdk, `src/workers/${name}.worker.ts`));
    await build({ ...options, entryPoints: [join(here, "main.jsx")], format: "esm", splitting: true });
    await build({ ...options, entryPoints: workers, format: "iife" });
}

async function style() {
    const from = join(sdk, "res/themes/light/css/light.pcss");
    const plugins = [imports(), mixins(), variables(), easings(), hexrgba(), nested()];
    const { css } = await postcss(plugins).process(await readFile(from, "utf8"), { from, map: false, syntax: scss });
    const plain = css
        .replace(/^\s*\/\/.*$/gm, "") // these comments are Sass's
        .replace(/(\.woff2?)\?v=[\d.]+/g, "$1"); // files have no versions
    await build({
        stdin: { contents: plain, resolveDir: dirname(from), loader: "css" },
        outfile: join(out, "theme.css"), bundle: true, minify: true, logLevel: "error", loader: { ...files, ".svg": "file" },
    });
}

async function words() {
    await mkdir(join(out, "i18n"), { recursive: true });
    await copyFile(join(sdk, "src/i18n/strings/en_EN.json"), join(out, "i18n/en_EN.json"));
    await writeFile(join(out, "i18n/languages.json"), JSON.stringify({ en: "en_EN.json" }));
}

await Promise.all([scripts(), style(), words(), cp(join(here, "index.html"), join(out, "index.html"))]);
