import { formatter } from "@lingui/format-json";

/** Keys are explicit, so there is no source language: both catalogues must be complete. */
export default {
  locales: ["fa", "en"],
  catalogs: [
    {
      path: process.env.LINGUI_CATALOGUES ?? "<rootDir>/src/locales/{locale}/messages",
      include: ["<rootDir>/src"],
      exclude: ["**/*.test.ts", "**/*.test.tsx"],
    },
  ],
  format: formatter({ style: "minimal" }),
  orderBy: "messageId",
};
