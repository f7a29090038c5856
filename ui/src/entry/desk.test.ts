import { describe, expect, it } from "vitest";
import { type MemoryHost, memoryHost } from "../host/memory/memory";
import { Desk } from "./desk";
import { withValue } from "./entry";

async function atWork(): Promise<{ host: MemoryHost; desk: Desk }> {
  const host = memoryHost("office");
  host.office.drafts.clear();
  const [operator] = host.office.operators;
  await host.call("session_unlock", { operator: operator?.id ?? "", pin: "123456" });
  return { host, desk: new Desk(host) };
}

describe("the desk", () => {
  it("makes no draft of nothing", async () => {
    const { host, desk } = await atWork();
    desk.edit((entry) => withValue(entry, "form.reason", ""));
    await desk.flush();
    expect(host.office.drafts.size).toBe(0);
  });

  it("keeps one draft however often it is saved", async () => {
    const { host, desk } = await atWork();
    for (const name of ["گ", "گل", "گل‌بی‌بی"]) {
      desk.edit((entry) => withValue(entry, "applicant.first_name", name));
      await desk.flush();
    }
    const drafts = await host.call("draft_list", null);
    expect(drafts.map((draft) => draft.entry.applicant.first_name)).toEqual(["گل‌بی‌بی"]);
  });

  it("puts one aside without losing it, and takes it up again", async () => {
    const { desk } = await atWork();
    desk.edit((entry) => withValue(entry, "applicant.first_name", "مریم"));
    await desk.flush();
    const { draft } = desk.snapshot();
    await desk.begin();
    expect(desk.snapshot().entry.applicant.first_name).toBe("");
    desk.edit((entry) => withValue(entry, "applicant.first_name", "یوسف"));
    await desk.open(draft ?? "");
    expect(desk.snapshot().entry.applicant.first_name).toBe("مریم");
  });

  it("does not put aside what could not be kept", async () => {
    const { host, desk } = await atWork();
    desk.edit((entry) => withValue(entry, "applicant.first_name", "مریم"));
    const call = host.call;
    host.call = () => Promise.reject(new Error("disk full"));
    await desk.begin();
    expect(desk.snapshot().entry.applicant.first_name).toBe("مریم");
    host.call = call;
    expect(await desk.flush()).toBe(true);
  });

  it("forgets nothing at the lock that could not be kept", async () => {
    const { host, desk } = await atWork();
    desk.edit((entry) => withValue(entry, "applicant.first_name", "مریم"));
    const call = host.call;
    host.call = () => Promise.reject(new Error("disk full"));
    expect(await desk.seal()).toBeNull();
    host.call = call;
    expect(desk.snapshot().entry.applicant.first_name).toBe("مریم");
    expect(await desk.flush()).toBe(true);
  });

  it("forgets at the lock and finds it again by its id", async () => {
    const { desk } = await atWork();
    desk.edit((entry) => withValue(entry, "applicant.first_name", "مریم"));
    const draft = await desk.seal();
    expect(desk.snapshot().entry.applicant.first_name).toBe("");
    await desk.open(draft ?? "");
    expect(desk.snapshot().entry.applicant.first_name).toBe("مریم");
  });
});
