/** Messages of the centre to the office. */
import { useLingui } from "@lingui/react";
import { useFormat } from "../format/format";
import { useAct, useCommand } from "../host/use-host";
import { Button } from "../parts/button";
import { Mark } from "../parts/mark";
import { Page } from "../parts/page";
import listStyle from "./application-list.module.css";
import style from "./notices.module.css";

export function NoticesScreen() {
  const { i18n } = useLingui();
  const format = useFormat();
  const notices = useCommand("notice_list", null).data;
  const read = useAct("notice_read", ["notices"]);
  if (!notices) return null;
  return (
    <Page hook="screen.notices" title={i18n.t("nav.notices")}>
      {notices.length === 0 && (
        <p className={listStyle.empty} data-testid="app.list.empty">
          {i18n.t("notices.empty")}
        </p>
      )}
      {notices.map((notice) => (
        <article
          key={notice.number}
          className={style.notice}
          data-testid={`notice.${notice.number}`}
          data-read={notice.read}
        >
          <header className={style.head}>
            <h2 dir="auto">{notice.title}</h2>
            {!notice.read && (
              <Mark tone="wait" sign="dot">
                {i18n.t("notices.unread")}
              </Mark>
            )}
            <span className={style.when}>{format.dayAndTime(notice.at)}</span>
          </header>
          <p className={style.text} dir="auto">
            {notice.text}
          </p>
          {!notice.read && (
            <Button
              hook={`notice.${notice.number}.read`}
              onClick={() => read.mutate({ number: notice.number })}
            >
              {i18n.t("notices.mark_read")}
            </Button>
          )}
        </article>
      ))}
    </Page>
  );
}
