import { describe, expect, it } from "vitest";
import { HostError } from "../host";
import { nationalIdFault } from "./check";
import { memoryHost } from "./memory";
import { mintTrackingCode } from "./office";
import { sampleEntry } from "./samples";

async function enrolled() {
  const host = memoryHost("fresh");
  await host.call("device_enrol", {
    centre_url: "http://127.0.0.1:8080",
    code: "۱۲۳۴-۵۶۷۸",
    operator_name: "کاربر نمونه",
    pin: "۱۲۳۴۵۶",
  });
  return host;
}

describe("the memory host", () => {
  it("goes from first start over the lock to work", async () => {
    const host = memoryHost("fresh");
    expect((await host.call("app_status", null)).stage).toBe("unenrolled");
    const open = await (await enrolled()).call("app_status", null);
    expect(open.stage).toBe("open");
  });

  it("refuses a wrong PIN with a code, and takes any digits", async () => {
    const host = await enrolled();
    const { operators } = await host.call("session_lock", null);
    const operator = operators[0]?.id ?? "";
    await expect(host.call("session_unlock", { operator, pin: "654321" })).rejects.toThrow(
      HostError,
    );
    const open = await host.call("session_unlock", { operator, pin: "١٢٣٤٥٦" });
    expect(open.stage).toBe("open");
  });

  it("records, discards the draft, and says received only when there was a line", async () => {
    const host = await enrolled();
    const [service] = await host.call("service_list", null);
    if (!service) throw new Error("no service");
    const entry = sampleEntry(service, 0);
    const draft = await host.call("draft_save", { id: null, entry, mends: null });
    const wrong = { ...entry, consent: false };
    const refused = await host.call("application_record", { draft: draft.id, entry: wrong });
    expect(refused).toMatchObject({ outcome: "invalid" });
    expect(await host.call("draft_list", null)).toHaveLength(1);

    const errors = (await host.call("entry_check", { entry })).errors;
    const missing = errors.filter((error) => !error.field.startsWith("documents."));
    expect(missing).toEqual([]);

    const documents = service.card.documents.map(({ code }) => ({
      code,
      evidence: { kind: "copy" as const, hash: "d", size_bytes: 9, media_type: "image/jpeg" },
    }));
    const done = await host.call("application_record", {
      draft: draft.id,
      entry: { ...entry, documents },
    });
    expect(done).toMatchObject({ outcome: "recorded", application: { row: { word: "recorded" } } });
    expect(await host.call("draft_list", null)).toHaveLength(0);

    await host.call("sync_now", null);
    expect((await host.call("sync_status", null)).waiting).toBe(1);
    host.office.line = "up";
    await host.call("sync_now", null);
    expect((await host.call("sync_status", null)).waiting).toBe(0);
    expect(
      (await host.call("application_list", { filter: "all", query: "", limit: 9, after: null }))
        .rows[0]?.word,
    ).toBe("received");
  });

  it("finds an application by any spelling and any digits", async () => {
    const host = memoryHost("office");
    const find = async (query: string) =>
      (await host.call("application_list", { filter: "all", query, limit: 50, after: null })).rows
        .length;
    expect(await find("مريم")).toBeGreaterThan(0);
    expect(await find("شه بخش")).toBeGreaterThan(0);
    expect(await find("۰۰۷۶۲۲۹۶۴۵")).toBeGreaterThan(0);
    expect(await find("هیچ‌کس")).toBe(0);
  });
});

describe("its codes", () => {
  it("are those of the domain", () => {
    expect(mintTrackingCode(42, 1234567)).toMatch(/^000421234567\d$/);
    for (const valid of ["0076229645", "1583250689", "۰۲۰۰۲۰۳۲۴۱", "0067749828"]) {
      expect(nationalIdFault(valid)).toBeNull();
    }
    expect(nationalIdFault("1230000000")).toBe("national_id.check_digit");
    expect(nationalIdFault("1111111111")).toBe("national_id.all_equal");
  });
});

describe("its courier", () => {
  it("writes numbered files, and knows which the centre has answered", async () => {
    const host = memoryHost("office");
    const [place] = await host.call("courier_places", null);
    const folder = place?.path ?? "";
    const { file } = await host.call("courier_export", { folder });
    expect(file).toMatchObject({ number: 1, answered_at: null });
    expect((await host.call("sync_status", null)).waiting).toBeGreaterThan(0);
    const { files } = await host.call("courier_import", { path: `${folder}/answer.courier` });
    expect(files[0]).toMatchObject({ code: "courier.taken" });
    expect(await host.call("sync_status", null)).toMatchObject({
      waiting: 0,
      last_road: "courier",
    });
    expect((await host.call("courier_files", null))[0]?.answered_at).not.toBeNull();
  });

  it("has an answer for whatever is on a stick, and a code where there is nothing", async () => {
    const host = memoryHost("office");
    const read = (path: string) => host.call("courier_import", { path });
    expect((await read("/media/damaged.courier")).files[0]?.code).toBe("courier.damaged");
    expect((await read("/media/other.courier")).files[0]?.code).toBe("courier.of_another");
    expect((await host.call("sync_status", null)).waiting).toBeGreaterThan(0);
    await expect(read("/media/holiday")).rejects.toMatchObject({ code: "courier.no_file" });
    await expect(host.call("courier_export", { folder: "D" })).rejects.toMatchObject({
      code: "courier.no_folder",
    });
  });
});
