/** What the memory host knows: an office without a disk. */
import type {
  ApplicationView,
  AppStatus,
  CourierFile,
  Draft,
  Office,
  OfficeNotice,
  Operator,
  Road,
  ServiceChoice,
  Settings,
  StoredDocument,
} from "../../ipc/generated";

export interface MemoryOffice {
  office: Office | null;
  operators: (Operator & { pin: string })[];
  operator: Operator | null;
  wrongPins: number;
  services: ServiceChoice[];
  drafts: Map<string, Draft>;
  applications: ApplicationView[];
  documents: Map<string, StoredDocument>;
  courier: CourierFile[];
  notices: OfficeNotice[];
  settings: Settings;
  line: "up" | "down";
  receivedAt: number | null;
  lastContactAt: number | null;
  lastRoad: Road | null;
}

export const SAMPLE_OFFICE: Office = {
  code: "zahedan-0007",
  title: "دفتر روستای نمونه",
  district_title: "دهستان نمونه، شهرستان زاهدان",
  device: 42,
  centre_url: "http://127.0.0.1:8080",
  public_url: "http://127.0.0.1:8080",
};

export function newOffice(services: ServiceChoice[]): MemoryOffice {
  return {
    office: null,
    operators: [],
    operator: null,
    wrongPins: 0,
    services,
    drafts: new Map(),
    applications: [],
    documents: new Map(),
    courier: [],
    notices: [],
    settings: {
      language: "fa",
      theme: "light",
      printer: { kind: "none" },
      paper: "a5",
      lock_after_minutes: 5,
      hub_url: "",
    },
    line: "down",
    receivedAt: null,
    lastContactAt: null,
    lastRoad: null,
  };
}

export function appStatus(office: MemoryOffice): AppStatus {
  return {
    stage: !office.office ? "unenrolled" : office.operator ? "open" : "locked",
    version: "0.1.0",
    office: office.office,
    operators: office.operators.map(({ id, name }) => ({ id, name })),
    operator: office.operator,
  };
}

const DAMM = [
  "0317598642",
  "7092154863",
  "4206871359",
  "1750983426",
  "6123045978",
  "3674209581",
  "5869720134",
  "8945362017",
  "9438617205",
  "2581436790",
];

/** A tracking code as the domain mints it: device, randomness, Damm's check digit. */
export function mintTrackingCode(device: number, randomness: number): string {
  const body = `${String(device).padStart(5, "0")}${String(randomness % 10_000_000).padStart(7, "0")}`;
  const check = [...body].reduce((interim, digit) => Number(DAMM[interim]?.[Number(digit)]), 0);
  return `${body}${check}`;
}

let ids = 0;
export function newId(): string {
  ids += 1;
  return `01930000-0000-7000-8000-${String(ids).padStart(12, "0")}`;
}

/** Weekend of Thursday and Friday, no holidays: good enough for a picture. */
export function dueOn(at: number, workingDays: number): string {
  const day = new Date(at);
  for (let left = workingDays; left > 0; ) {
    day.setUTCDate(day.getUTCDate() + 1);
    if (day.getUTCDay() !== 4 && day.getUTCDay() !== 5) left -= 1;
  }
  return day.toISOString().slice(0, 10);
}
