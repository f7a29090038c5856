/**
 * Shapes that stand beside words. Drawn, not typed: the embedded font has letters, and a sign from
 * whatever font a PC happens to have would be a hollow box on the next one.
 */
import style from "./sign.module.css";

const PATHS = {
  dot: <circle cx="8" cy="8" r="5" fill="currentColor" />,
  ring: <circle cx="8" cy="8" r="4.5" />,
  half: (
    <>
      <circle cx="8" cy="8" r="5" />
      <path d="M8 3a5 5 0 0 1 0 10z" fill="currentColor" />
    </>
  ),
  check: <path d="M3 8.5l3.5 3.5L13 4.5" />,
  checks: <path d="M1 8.5l3 3 5.5-7M7 10l1.5 1.5L15 4.5" />,
  alert: <path d="M8 2l6.5 12h-13zM8 6.5v3.5M8 12v.3" />,
  back: <path d="M13 12V9a3 3 0 0 0-3-3H3m3-3.5L2.5 6 6 9.5" />,
  again: <path d="M13 8a5 5 0 1 1-1.5-3.5M12 1.5v3.5H8.5" />,
  star: <path d="M8 2l1.8 4 4.2.4-3.2 2.9 1 4.3L8 11.4l-3.8 2.2 1-4.3L2 6.4 6.2 6z" />,
  cross: <path d="M4 4l8 8M12 4l-8 8" />,
  home: <path d="M2.5 7.5L8 3l5.5 4.5V13.5h-11z" />,
  dash: <path d="M3 8h10" />,
  pen: <path d="M3 13l1-3.5L11 2.5l2.5 2.5-7 7z" />,
  paper: <path d="M4 2h8v12H4zM6 5.5h4M6 8h4M6 10.5h2.5" />,
  down: <path d="M4 6l4 4 4-4" />,
  calendar: <path d="M2.5 4h11v9.5h-11zM2.5 7h11M5.5 2.5v3M10.5 2.5v3" />,
} as const;

export type SignName = keyof typeof PATHS;

export function Sign({ name }: { name: SignName }) {
  return (
    <svg
      className={style.sign}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {PATHS[name]}
    </svg>
  );
}
