/** The files that were written here, and whether the centre has answered them. */
import { useLingui } from "@lingui/react";
import { useFormat } from "../../format/format";
import { useCommand } from "../../host/use-host";
import { Mark } from "../../parts/mark";
import { ErrorMessage } from "../../parts/message";
import style from "./courier.module.css";

export function CourierFiles() {
  const { i18n } = useLingui();
  const format = useFormat();
  const files = useCommand("courier_files", null);
  if (files.error) return <ErrorMessage error={files.error} />;
  if (!files.data) return null;
  return (
    <section>
      <h2>{i18n.t("courier.files")}</h2>
      {files.data.length === 0 ? (
        <p className={style.soft} data-testid="courier.files.empty">
          {i18n.t("courier.files_empty")}
        </p>
      ) : (
        <table className={style.files}>
          <thead>
            <tr>
              <th scope="col">{i18n.t("courier.number")}</th>
              <th scope="col">{i18n.t("courier.when")}</th>
              <th scope="col">{i18n.t("courier.what")}</th>
              <th scope="col">{i18n.t("courier.where")}</th>
              <th scope="col">{i18n.t("courier.answered")}</th>
            </tr>
          </thead>
          <tbody>
            {files.data.map((file) => (
              <tr
                key={file.number}
                data-testid={`courier.file.${file.number}`}
                data-answered={file.answered_at ?? ""}
              >
                <td>{format.count(file.number)}</td>
                <td>{format.dayAndTime(file.made_at)}</td>
                <td>
                  {i18n.t("courier.contents", {
                    entries: file.entries,
                    documents: file.documents,
                    bytes: format.bytes(file.bytes),
                  })}
                </td>
                <td>
                  <span className={`code ${style.path}`}>{format.path(file.path)}</span>
                </td>
                <td>
                  {file.answered_at === null ? (
                    <Mark tone="wait" sign="half">
                      {i18n.t("courier.not_answered")}
                    </Mark>
                  ) : (
                    <Mark tone="good" sign="check">
                      {format.moment(file.answered_at)}
                    </Mark>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
