import { lingui } from "@lingui/vite-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The catalogue's sentences lie beside this folder. Nothing is inlined: the window's content
// security policy allows neither inline scripts nor data: fonts.
export default defineConfig({
  base: "./",
  plugins: [react(), lingui({ failOnMissing: true })],
  build: {
    chunkSizeWarningLimit: 800,
    assetsInlineLimit: 0,
    target: "es2022",
    modulePreload: { polyfill: false },
  },
  server: { port: 5173, strictPort: true, fs: { allow: [".."] } },
  preview: { port: 4173, strictPort: true },
  clearScreen: false,
  test: { environment: "node", include: ["src/**/*.test.{ts,tsx}"] },
});
