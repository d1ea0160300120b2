import { defineConfig } from 'vite';

// The content security policy (packaging/nginx.conf.in) admits files of our own origin and nothing
// else: no inline script or style, no data: fonts.  Hence no inlined assets.
export default defineConfig({
  base: './',
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // size.mjs reads from it what the first page loads.
    manifest: true,
    reportCompressedSize: false,
  },
});
