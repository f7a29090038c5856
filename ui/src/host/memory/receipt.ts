/** A picture that stands for the receipt; the real one is typeset by the program. */

import { groupTrackingCode } from "../../format/code";
import type { ApplicationView, Paper } from "../../ipc/generated";

const escaped = (text: string) =>
  text.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c] ?? c);

export function receiptPicture(view: ApplicationView, paper: Paper): string {
  const [width, height] = paper === "a5" ? [420, 595] : [300, 560];
  const line = (y: number, size: number, text: string) =>
    `<text x="${width / 2}" y="${y}" font-size="${size}" text-anchor="middle" font-family="Vazirmatn, sans-serif">${escaped(text)}</text>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
<rect width="100%" height="100%" fill="white" stroke="black"/>
${line(60, 22, "رسید ثبت در دفتر")}${line(110, 24, groupTrackingCode(view.row.tracking_code))}
${line(170, 16, view.row.service_title.fa)}${line(210, 16, view.row.applicant_name)}
</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
