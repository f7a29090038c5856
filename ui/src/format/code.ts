/** Codes that are read aloud: grouped, always left to right, in Latin digits on the wire. */

/** `0001 234 567 890`, as the receipt groups it. */
export function groupTrackingCode(code: string): string {
  return code.length === 13
    ? `${code.slice(0, 4)} ${code.slice(4, 7)} ${code.slice(7, 10)} ${code.slice(10)}`
    : code;
}

/** `+989151234567` as it is dialled: `0915 123 4567`. */
export function nationalMobile(mobile: string): string {
  const digits = mobile.replace(/^\+98/, "0");
  return digits.length === 11
    ? `${digits.slice(0, 4)} ${digits.slice(4, 7)} ${digits.slice(7)}`
    : digits;
}
